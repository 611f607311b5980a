"""What a lane serves: a kernel on the twin, a sealed run, an interactive kernel on rows."""
