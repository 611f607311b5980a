"""Many machines for one engine: a cluster of dask that runs bucket groups and nothing else.

Three roles, each with a certificate of the engine's own small authority: the *engine* asks, the
*scheduler* deals out, *workers* read view files and count. What may be said by whom stands in
`doors`, what may be unpickled in `closed_pickle`; a worker runs one function (`work.run_group`),
which takes JSON and gives bytes.
"""
