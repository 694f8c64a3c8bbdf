"""CloudWatch: metrics in a store of our own, because moto keeps every single value, and alarms that are evaluated."""
