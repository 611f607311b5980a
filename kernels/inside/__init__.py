"""What runs inside the sandbox, beside code that anyone may write."""
