"""Forbidden acts, each tried in a process of its own; the same code runs in and out of a sandbox.

The isolation report (kernels.host.proof.report) runs `trying.report`. Every act is harmless where
it is allowed: arguments are invalid, or what it does ends with its process.
"""
