"""Elastic Load Balancing v2: application load balancers, whose proxies and health checks are the data plane's."""
