"""The pages and the API, one file a role; each only calls a service and shows what it says."""
