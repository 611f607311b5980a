"""The portal listens where the hub says, and nowhere else."""

from typing import Any

import pytest
from fastapi import FastAPI

from workbench.domain.errors import Refusal
from workbench.portal import serving


def test_it_listens_on_the_address_that_the_hub_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(serving.uvicorn, "run", lambda app, **more: told.update(more))
    serving.serve(FastAPI(), "http://127.0.0.1:9005")
    assert (told["host"], told["port"], told["access_log"]) == ("127.0.0.1", 9005, False)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "https://127.0.0.1:9005", "9005", "x://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Refusal, match="through the hub"):
        serving.serve(FastAPI(), url)
