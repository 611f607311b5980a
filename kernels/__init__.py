"""The jail: code that anyone may write runs here, and nothing gets out but through the gate."""
