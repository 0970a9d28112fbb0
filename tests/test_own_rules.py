"""What the code of this product may not contain: each rule is a weakness that the stack has as it comes (trust 7)."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from app.web import templates

APP = Path(__file__).parent.parent / "app"
CODE = {str(file.relative_to(APP)): file.read_text(encoding="utf-8") for file in sorted(APP.rglob("*.py"))}
TREES = {name: ast.parse(text) for name, text in CODE.items()}
PAGES = {str(file.relative_to(APP / "templates")): file for file in sorted((APP / "templates").rglob("*.*"))}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a file, with what is called as it is written: `sa.text`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def is_made_up(node: ast.expr | None) -> bool:
    """Whether a text is put together where it stands."""
    return isinstance(node, ast.JoinedStr | ast.BinOp) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    )


def calling(*names: str) -> Callable[[ast.AST], bool]:
    return lambda tree: any(called.rpartition(".")[2] in names for called, _call in calls(tree))


def importing(*names: str) -> Callable[[ast.AST], bool]:
    return lambda tree: any(each == name or each.startswith(f"{name}.") for each in imports(tree) for name in names)


def putting_sql_together(tree: ast.AST) -> bool:
    return any(
        called in ("sa.text", "text", "sqlalchemy.text") or called.endswith((".execute", ".exec_driver_sql", ".exec"))
        for called, call in calls(tree)
        if is_made_up(call.args[0] if call.args else None)
    )


def saying(pattern: str) -> Callable[[ast.AST], bool]:
    return lambda tree: re.search(pattern, ast.unparse(tree)) is not None


RULES: dict[str, tuple[Callable[[ast.AST], bool], set[str]]] = {
    "SQL is put together from texts": (
        putting_sql_together,
        {"db.py", "backup.py", "tabs/masking.py"},
    ),  # pragmas, names of schemas that are made there, and one of two columns of the log
    "a template is made anywhere else": (
        calling("Environment", "SandboxedEnvironment", "Template", "from_string", "Jinja2Templates"),
        {"papers/word.py", "papers/default_template.py"},  # in a sandbox; one of ours
    ),
    "text is declared to be markup": (calling("Markup"), {"web.py"}),
    "a workbook is opened": (calling("load_workbook"), set()),
    "the browser is sent somewhere": (
        calling("RedirectResponse"),
        {
            "answers.py",
            "web.py",
            "routes/sessions.py",
            "routes/language.py",
            "routes/what_if.py",
            "routes/approvals.py",
            "routes/sign_in_code.py",
            "routes/single_sign_on.py",
        }
        | {"routes/accessibility.py"},
    ),
    "htmx is sent somewhere": (saying("(?i)hx-(redirect|location|refresh|reswap|retarget)"), {"answers.py"}),
    "a weak hash": (saying(r"\b(md5|sha1)\b"), set()),
    "chance that can be guessed": (importing("random"), {"demo/generate.py"}),
    "other sites are let in": (saying("allow_origins|CORSMiddleware|(?i:access-control-allow)"), set()),
    "a program is run": (
        importing("subprocess", "os.system", "os.popen", "pty"),
        {"papers/word_template.py", "backup.py"},
    ),
    "a shell is run": (saying("shell=True"), set()),
    "text is run as code": (saying(r"(?<![\w.])(eval|exec|compile|__import__)\("), set()),
    "bytes become objects": (importing("pickle", "marshal", "shelve", "yaml", "dill"), set()),
    "a row takes whatever it is given": (calling("sqlmodel_update"), {"models/mail.py", "demo/projects.py"}),
    "somebody is called who is named by a setting": (
        importing("httpx", "httpx2", "authlib", "urllib.request", "requests", "aiohttp", "http.client", "socket"),
        {"single_sign_on.py"},
    ),
    "a certificate is not looked at": (saying("verify=False|CERT_NONE|_create_unverified_context"), set()),
    "faults are shown": (saying("debug=True"), set()),
    "XML is read by what can be bombed": (
        importing("xml.etree", "xml.dom", "xml.sax", "lxml"),
        {"papers/package.py", "papers/word.py"},
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_no_file_does_what_only_named_files_may(rule: str) -> None:
    breaks, may = RULES[rule]
    found = {name for name, tree in TREES.items() if breaks(tree)}
    assert found - may == set(), rule


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("SQL is put together from texts", 'session.execute(sa.text(f"select {name}"))'),
        ("SQL is put together from texts", 'connection.execute("select " + name)'),
        ("a template is made anywhere else", "jinja2.Template(text)"),
        ("text is declared to be markup", "Markup(text)"),
        ("a workbook is opened", "openpyxl.load_workbook(file)"),
        ("the browser is sent somewhere", "RedirectResponse(wanted)"),
        ("htmx is sent somewhere", 'answer.headers["HX-Redirect"] = wanted'),
        ("a weak hash", "hashlib.md5(x)"),
        ("chance that can be guessed", "from random import choice"),
        ("other sites are let in", 'app.add_middleware(CORSMiddleware, allow_origins=["*"])'),
        ("a program is run", "from subprocess import run"),
        ("text is run as code", "eval(text)"),
        ("bytes become objects", "import pickle"),
        ("a row takes whatever it is given", "row.sqlmodel_update(data)"),
        ("somebody is called who is named by a setting", "import urllib.request"),
        ("XML is read by what can be bombed", "from lxml import etree"),
    ],
)
def test_each_rule_finds_what_it_forbids(rule: str, code: str) -> None:
    assert RULES[rule][0](ast.parse(code))


FORBIDDEN = (
    r"\s[\w-]+=\{\{|\bhx-(on|vals|vars)\b|\son\w+=[\"']|"
    r"\sstyle=|javascript:|<style|autoescape|<iframe|<object|<base"
)


def test_every_template_escapes_and_obeys_the_policy() -> None:
    """Quotes around every attribute that is filled in, nothing inline, and nothing that htmx runs."""
    assert templates.autoescape is True
    assert {name for name in PAGES if not name.endswith(".html")} == set()
    for name, file in PAGES.items():
        text = file.read_text(encoding="utf-8")
        assert not re.search(FORBIDDEN, text), name
        assert all("src=" in script for script in re.findall(r"<script[^>]*>", text)), name


KNOWN_SAFE = {
    "chain/_timeline.html": 1,  # as below
    "reports/_figures.html": 1,  # the attributes of a field, made by the macro beside it
    "effects/_chart.html": 1,  # the shapes of the legend, which stand in the same template
    "effects/_large_chart.html": 1,  # the same
}
"""Filters »safe« on anything but a text that stands right there."""


def test_what_is_declared_safe_stands_in_the_template_itself() -> None:
    found: dict[str, int] = {}
    for name, file in PAGES.items():
        for filtered in templates.parse(file.read_text(encoding="utf-8")).find_all(nodes.Filter):
            if filtered.name == "safe" and not isinstance(filtered.node, nodes.Const):
                found[name] = found.get(name, 0) + 1
    assert found == KNOWN_SAFE
    assert sum(found.values()) <= 5
