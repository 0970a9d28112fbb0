"""What every serving process of the tests begins with: imported once, by the process that they are forked from."""

from sqlalchemy.orm import configure_mappers

from app.main import create_app

configure_mappers()
create_app()
