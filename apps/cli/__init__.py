"""`deployconsole`: the command line. It talks to the REST API and imports nothing else of ours."""
