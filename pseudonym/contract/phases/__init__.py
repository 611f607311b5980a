"""The phases of validation, one module each; all run, none stops the others."""
