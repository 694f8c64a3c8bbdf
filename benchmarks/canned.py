"""An AWS of made-up pages, in a process of its own: 1,000 groups, each behind a target group and a load balancer of
its own, 1,000 templates, 5,000 instances (20 MB of XML). One may ask it a resource at a time as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

GROUPS, TEMPLATES, INSTANCES, IMAGES = 1000, 1000, 5000, 50
OWNED = 40  # AMIs of the account; the others were made by somebody else, and are told by id alone
ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
TIME = "2026-11-20T10:00:00.000Z"
MEMBERS = INSTANCES // GROUPS


def group(number: int) -> str:
    name = f"app{number % 250}-main-v{number // 250:03d}"
    members = "".join(
        f"<member><InstanceId>i-{number * MEMBERS + each:017x}</InstanceId><AvailabilityZone>us-east-1a"
        "</AvailabilityZone><LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus>"
        "<ProtectedFromScaleIn>false</ProtectedFromScaleIn><InstanceType>m5.large</InstanceType><LaunchTemplate>"
        f"<LaunchTemplateId>lt-{number:017x}</LaunchTemplateId><LaunchTemplateName>{name}</LaunchTemplateName>"
        "<Version>1</Version></LaunchTemplate></member>"
        for each in range(MEMBERS)
    )
    tags = "".join(
        f"<member><Key>tag{each}</Key><Value>value {each}</Value><PropagateAtLaunch>true</PropagateAtLaunch>"
        f"<ResourceId>{name}</ResourceId><ResourceType>auto-scaling-group</ResourceType></member>"
        for each in range(6)
    )
    return (
        f"<member><AutoScalingGroupName>{name}</AutoScalingGroupName><AutoScalingGroupARN>arn:aws:autoscaling:us-east-1:"
        f"123456789012:autoScalingGroup:{number}:autoScalingGroupName/{name}</AutoScalingGroupARN><LaunchTemplate>"
        f"<LaunchTemplateId>lt-{number:017x}</LaunchTemplateId><LaunchTemplateName>{name}</LaunchTemplateName><Version>1"
        f"</Version></LaunchTemplate><MinSize>0</MinSize><MaxSize>9</MaxSize><DesiredCapacity>{MEMBERS}</DesiredCapacity>"
        "<DefaultCooldown>300</DefaultCooldown><AvailabilityZones><member>us-east-1a</member><member>us-east-1b</member>"
        f"</AvailabilityZones><LoadBalancerNames/><TargetGroupARNs><member>{target_group_arn(number)}</member></TargetGroupARNs>"
        "<HealthCheckType>ELB</HealthCheckType>"
        f"<HealthCheckGracePeriod>60</HealthCheckGracePeriod><Instances>{members}</Instances><CreatedTime>{TIME}"
        f"</CreatedTime><SuspendedProcesses/><VPCZoneIdentifier>subnet-1,subnet-2</VPCZoneIdentifier><EnabledMetrics/>"
        f"<Tags>{tags}</Tags><TerminationPolicies><member>Default</member></TerminationPolicies></member>"
    )


def template(number: int) -> str:
    return (
        f"<item><launchTemplateId>lt-{number:017x}</launchTemplateId><launchTemplateName>app{number}</launchTemplateName>"
        f"<createTime>{TIME}</createTime><createdBy>arn:aws:iam::123456789012:root</createdBy><defaultVersionNumber>1"
        "</defaultVersionNumber><latestVersionNumber>1</latestVersionNumber></item>"
    )


def version(number: int) -> str:
    return (
        f"<item><launchTemplateId>lt-{number:017x}</launchTemplateId><launchTemplateName>app{number}</launchTemplateName>"
        f"<versionNumber>1</versionNumber><createTime>{TIME}</createTime><defaultVersion>true</defaultVersion>"
        f"<launchTemplateData><imageId>ami-{number % IMAGES:017x}</imageId><instanceType>m5.large</instanceType>"
        "</launchTemplateData></item>"
    )


def instance(number: int) -> str:
    name = f"app{number // MEMBERS % 250}-main-v{number // MEMBERS // 250:03d}"
    tags = "".join(f"<item><key>tag{each}</key><value>value {each}</value></item>" for each in range(6))
    address = f"10.{number // 65025}.{number // 255 % 255}.{number % 255}"
    return (
        "<item><reservationId>r-1</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet><item>"
        f"<instanceId>i-{number:017x}</instanceId><imageId>ami-{number % IMAGES:017x}</imageId><instanceState><code>16"
        f"</code><name>running</name></instanceState><privateDnsName>ip.ec2.internal</privateDnsName><dnsName/><reason/>"
        f"<keyName>key</keyName><amiLaunchIndex>0</amiLaunchIndex><instanceType>m5.large</instanceType><launchTime>{TIME}"
        "</launchTime><placement><availabilityZone>us-east-1a</availabilityZone><groupName/><tenancy>default</tenancy>"
        "</placement><monitoring><state>disabled</state></monitoring><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>"
        f"<privateIpAddress>{address}</privateIpAddress><sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>"
        "sg-1</groupId><groupName>shop</groupName></item></groupSet><architecture>x86_64</architecture><rootDeviceType>ebs"
        "</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda"
        f"</deviceName><ebs><volumeId>vol-1</volumeId><status>attached</status><attachTime>{TIME}</attachTime>"
        "<deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping><virtualizationType>hvm"
        f"</virtualizationType><clientToken>token-{number}</clientToken><tagSet><item><key>aws:autoscaling:groupName</key>"
        f"<value>{name}</value></item>{tags}</tagSet><hypervisor>xen</hypervisor><networkInterfaceSet><item>"
        "<networkInterfaceId>eni-1</networkInterfaceId><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><description/>"
        "<ownerId>123456789012</ownerId><status>in-use</status><macAddress>02:00:00:00:00:01</macAddress>"
        f"<privateIpAddress>{address}</privateIpAddress><sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>"
        "sg-1</groupId><groupName>shop</groupName></item></groupSet><attachment><attachmentId>eni-attach-1</attachmentId>"
        f"<deviceIndex>0</deviceIndex><status>attached</status><attachTime>{TIME}</attachTime><deleteOnTermination>true"
        "</deleteOnTermination></attachment><privateIpAddressesSet><item><privateIpAddress>"
        f"{address}</privateIpAddress><primary>true</primary></item></privateIpAddressesSet></item></networkInterfaceSet>"
        "<iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/shop</arn><id>AIPA1</id></iamInstanceProfile>"
        "<ebsOptimized>false</ebsOptimized><enaSupport>true</enaSupport><cpuOptions><coreCount>1</coreCount>"
        "<threadsPerCore>2</threadsPerCore></cpuOptions><metadataOptions><state>applied</state><httpTokens>required"
        "</httpTokens><httpPutResponseHopLimit>1</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint>"
        "</metadataOptions></instancesSet></item>".replace("</metadataOptions></instancesSet>",
                                                         "</metadataOptions></item></instancesSet>")
    )  # fmt: skip


def image(number: int) -> str:
    return (
        f"<item><imageId>ami-{number:017x}</imageId><imageState>available</imageState><imageOwnerId>123456789012"
        f"</imageOwnerId><isPublic>false</isPublic><architecture>x86_64</architecture><name>app-{number}</name>"
        f"<creationDate>{TIME}</creationDate><tagSet><item><key>version</key><value>1.{number}</value></item></tagSet>"
        "</item>"
    )


def target_group_arn(number: int) -> str:
    return f"{ARN}targetgroup/app{number}/{number:016x}"


def balancer_arn(number: int) -> str:
    return f"{ARN}loadbalancer/app/app{number}/{number:016x}"


def target_group(number: int) -> str:
    return (
        f"<member><TargetGroupArn>{target_group_arn(number)}</TargetGroupArn><TargetGroupName>app{number}"
        "</TargetGroupName><Protocol>HTTP</Protocol><Port>80</Port><VpcId>vpc-1</VpcId><TargetType>instance</TargetType>"
        "<HealthCheckPath>/health</HealthCheckPath><HealthCheckIntervalSeconds>10</HealthCheckIntervalSeconds>"
        "<HealthyThresholdCount>2</HealthyThresholdCount><LoadBalancerArns><member>"
        f"{balancer_arn(number)}</member></LoadBalancerArns></member>"
    )


def balancer(number: int) -> str:
    return (
        f"<member><LoadBalancerArn>{balancer_arn(number)}</LoadBalancerArn><LoadBalancerName>app{number}"
        f"</LoadBalancerName><DNSName>app{number}.example</DNSName><Scheme>internal</Scheme><VpcId>vpc-1</VpcId>"
        "<State><Code>active</Code></State><Type>application</Type></member>"
    )


def listener(arn: str) -> str:
    return (
        f"<member><ListenerArn>{arn.replace(':loadbalancer/', ':listener/')}/1</ListenerArn><LoadBalancerArn>{arn}"
        "</LoadBalancerArn><Port>80</Port><Protocol>HTTP</Protocol></member>"
    )


def rule(listener_arn: str) -> str:
    number = int(listener_arn.split("/")[-2], 16)
    return (
        f"<member><RuleArn>{listener_arn}/rule</RuleArn><Priority>default</Priority><IsDefault>true</IsDefault><Actions>"
        f"<member><Type>forward</Type><TargetGroupArn>{target_group_arn(number)}</TargetGroupArn></member></Actions>"
        "</member>"
    )


def targets(arn: str) -> str:
    first = int(arn.split("/")[-1], 16) * MEMBERS
    return "".join(
        f"<member><Target><Id>i-{each:017x}</Id><Port>80</Port></Target><TargetHealth><State>healthy</State>"
        "</TargetHealth></member>"
        for each in range(first, first + MEMBERS)
    )


def ec2_pages(operation: str, members: str, make: Callable[[int], str], count: int, size: int) -> list[bytes]:
    return [
        ec2_answer(operation, members, map(make, range(start, min(start + size, count))), _next(start, size, count))
        for start in range(0, count, size)
    ]


def ec2_answer(operation: str, members: str, items: Iterable[str], token: str = "") -> bytes:
    return (
        f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><{members}>'
        f"{''.join(items)}</{members}>{f'<nextToken>{token}</nextToken>' if token else ''}</{operation}Response>"
    ).encode()


def query_pages(operation: str, members: str, make: Callable[[int], str], count: int, size: int) -> list[bytes]:
    return [
        query_answer(operation, members, map(make, range(start, min(start + size, count))), _next(start, size, count))
        for start in range(0, count, size)
    ]


def query_answer(operation: str, members: str, items: Iterable[str], token: str = "") -> bytes:
    tag = "NextToken" if operation == "DescribeAutoScalingGroups" else "NextMarker"
    return (
        f"<{operation}Response><{operation}Result><{members}>{''.join(items)}</{members}>"
        f"{f'<{tag}>{token}</{tag}>' if token else ''}</{operation}Result></{operation}Response>"
    ).encode()


def _next(start: int, size: int, count: int) -> str:
    return str(start + size) if start + size < count else ""


Page = tuple[Callable[..., list[bytes]], str, Callable[[int], str], int, int]

PAGED: dict[str, Page] = {  # how the answer is built, its list, a member of it; how many there are, and on a page
    "DescribeAutoScalingGroups": (query_pages, "AutoScalingGroups", group, GROUPS, 100),
    "DescribeTargetGroups": (query_pages, "TargetGroups", target_group, GROUPS, 400),
    "DescribeLoadBalancers": (query_pages, "LoadBalancers", balancer, GROUPS, 400),
    "DescribeInstances": (ec2_pages, "reservationSet", instance, INSTANCES, 1000),
    "DescribeLaunchTemplates": (ec2_pages, "launchTemplates", template, TEMPLATES, 200),
    "DescribeLaunchTemplateVersions": (ec2_pages, "launchTemplateVersionSet", version, TEMPLATES, 200),
}
SINGLE: dict[str, tuple[str, str, Callable[[str], str]]] = {  # the list, the parameter that names whose, its members
    "DescribeListeners": ("Listeners", "LoadBalancerArn", listener),
    "DescribeRules": ("Rules", "ListenerArn", rule),
    "DescribeTargetHealth": ("TargetHealthDescriptions", "TargetGroupArn", targets),
}


@cache
def pages(operation: str) -> list[bytes]:
    build, members, make, count, size = PAGED[operation]
    return build(operation, members, make, count, size)


class Canned(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())
        body = answer(dict(asked))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


def answer(asked: dict[str, str]) -> bytes:
    """The answer to these parameters, as AWS's query protocols write them."""
    operation = asked["Action"]
    if operation == "DescribeImages":
        return ec2_answer(operation, "imagesSet", map(image, _images(asked)))
    if operation in SINGLE:
        members, whose, make = SINGLE[operation]
        return query_answer(operation, members, [make(asked[whose])])
    *_, size = PAGED[operation]
    return pages(operation)[int(asked.get("NextToken") or asked.get("Marker") or 0) // size]


def _images(asked: dict[str, str]) -> Iterable[int]:
    """All that are the account's, none that were given to it, or those named."""
    if "Owner.1" in asked:
        return range(OWNED)
    named = (value for name, value in asked.items() if name.startswith("Filter.1.Value."))
    return [int(value.removeprefix("ami-"), 16) for value in named]


def serve() -> ThreadingHTTPServer:
    """Listens at a free port; the caller serves."""
    for operation in PAGED:
        pages(operation)  # made beforehand: nobody's time is measured with it
    return ThreadingHTTPServer(("127.0.0.1", 0), Canned)


if __name__ == "__main__":
    server = serve()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
