"""Between the Jupyter server and a kernel: every message is rebuilt from what we know ourselves."""
