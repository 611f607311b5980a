"""A whole history of releases checked offline: the chain, each certificate, and all together."""

from disclosure.history.chain import Checked, check_history

__all__ = ["Checked", "check_history"]
