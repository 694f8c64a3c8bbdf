"""Elastic Load Balancing of the first generation: classic load balancers, served by the same data plane."""
