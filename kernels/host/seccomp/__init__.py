"""The system call filter of a kernel: our own table, our own writer, no library at run time."""
