"""CloudWatch's metrics: a store of our own, because moto keeps every single value; alarms stay moto's."""
