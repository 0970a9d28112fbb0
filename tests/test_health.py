from starlette.testclient import TestClient


def test_the_machine_room_sees_that_the_process_and_the_database_answer(anonymous: TestClient) -> None:
    for address in ("/healthz", "/readyz"):
        answer = anonymous.get(address)
        assert (answer.status_code, answer.text) == (200, "ok")
