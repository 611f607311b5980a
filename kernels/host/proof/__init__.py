"""What this host can isolate, each layer and forbidden act tried before anybody is served."""
