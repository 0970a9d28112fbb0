from fastapi import APIRouter, Request
from starlette.responses import Response

from app.access import UsersReader
from app.db import SessionDep
from app.models.user import all_users
from app.settings import today
from app.tabs.todo import without_account
from app.web import render

router = APIRouter(include_in_schema=False)


@router.get("/users", name="users")
def index(request: Request, session: SessionDep, user: UsersReader) -> Response:
    portfolio = request.state.portfolio
    without = without_account(session, portfolio, today()) if portfolio else []
    return render(request, "users/index.html", users=all_users(session), without=without)
