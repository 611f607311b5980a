"""One rule a file, one file a rule."""
