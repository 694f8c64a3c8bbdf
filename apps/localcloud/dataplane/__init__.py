"""The data plane: the embedded cloud's load balancers as real HTTP proxies, in a process of their own."""

from apps.localcloud.dataplane.client import ProxyDataPlane

__all__ = ["ProxyDataPlane"]
