"""The embedded cloud: AWS on this machine, real enough to practise deployments on.

`python -m apps.localcloud --work DIR` starts it; `apps.localcloud.launch.start` does so as a child process.

- The endpoint (`server`, `gate`, `signature`) lets in signed requests only and calls an operation of ours, or moto's.
- Auto Scaling, load balancing of both generations, Service Quotas, CloudWatch's metrics and alarms are wholly ours, on
  moto's parsers: what moto has there is records without behaviour, and every operation that a deployment uses would
  have had to be overridden anyway. EC2 is moto's backend with instances, images, launch templates and the count of
  free addresses made real; the rest (VPC, IAM, SQS, ...) is moto's.
- An operation is a function that takes the parsed parameters and returns the output members (`operations`); its state
  is one plain object for each account and region (`cloud.Cloud.state`), changed only under the one lock.
- Requests set the wish; the engine (`scheduler`, `autoscaling.engine`) converges to it, from a list of what is due.
- Instances are processes (`fleet`), load balancers are proxies in a process of their own (`dataplane`); `interfaces` is
  what control asks of both, `lite` replaces both by timers of milliseconds, for scale and for matrices of pushes.
- Whoever assumes a role that IAM knows and that has policies is kept to them (`iam`); any other role may do everything
  in its account. Quotas hold (`quotas`); a requested change of one holds at once.

Known limits: macOS has only 127.0.0.1 unless told otherwise; state is lost at the end; no TLS; stopping an instance
loses what was not in its image; no stickiness, and requests go round all zones; of a policy's conditions those on text,
ARNs, booleans and presence count; S3 and Route 53 check no policy. Alarms and target tracking watch single metrics, no
metric math; AWS/EC2 metrics exist only where they are put (`put_aws_metrics`); predictive policies and instance
refreshes do nothing; cooldowns count from the decision on; members do not return to a warm pool; mixed instances
policies know no prices, and take overrides by instance type only.
"""
