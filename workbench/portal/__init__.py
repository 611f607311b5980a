"""The web pages, thin: no rule lives here."""

from workbench.portal.app import create_app
from workbench.portal.people import SignIn
from workbench.portal.services import Facts, PortalServices
from workbench.portal.serving import serve

__all__ = ["Facts", "PortalServices", "SignIn", "create_app", "serve"]
