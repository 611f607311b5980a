"""The closed language of what may be asked: JSON on the wire, checked against a permit's view."""
