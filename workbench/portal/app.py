"""The portal as one application: made from its services and a way to sign in, nothing global."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.staticfiles import StaticFiles

from workbench.portal import failures
from workbench.portal.collecting import collecting
from workbench.portal.people import SignIn
from workbench.portal.routes import api, home, project, public, registry, review, session
from workbench.portal.services import PortalServices
from workbench.portal.shield import Shield
from workbench.portal.visit import Portal

__all__ = ["create_app"]

PAGES = (home, session, public, project, review, registry)
STATIC = Path(__file__).parent / "static"


def create_app(services: PortalServices, signin: SignIn) -> FastAPI:
    """The whole portal under `services.facts.prefix`; collects runs while it is being served."""

    @asynccontextmanager
    async def alive(_: FastAPI) -> AsyncIterator[None]:
        async with collecting(services):
            yield

    app = FastAPI(
        title="Workbench portal",
        version="1",
        description="Outputs, loads and releases for scripts, by the hub's tokens.",
        lifespan=alive,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.portal = Portal(services, signin)
    prefix = services.facts.prefix.rstrip("/")
    app.mount(f"{prefix}/static", StaticFiles(directory=STATIC), name="static")
    for page in PAGES:
        app.include_router(page.router, prefix=prefix)
    app.include_router(api.router, prefix=prefix)

    @app.get(f"{prefix}/api/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        """The API's description (OpenAPI)."""
        return JSONResponse(app.openapi())

    failures.install(app)
    app.add_middleware(Shield, broken=failures.broken)
    return app
