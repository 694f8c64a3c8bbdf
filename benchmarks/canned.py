"""An AWS of made-up pages, in a process of its own: 1,000 groups, 1,000 templates, 5,000 instances (19 MB of XML)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

GROUPS, TEMPLATES, INSTANCES = 1000, 1000, 5000
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
        "</AvailabilityZones><LoadBalancerNames/><TargetGroupARNs/><HealthCheckType>ELB</HealthCheckType>"
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
        f"<launchTemplateData><imageId>ami-{number % 50:017x}</imageId><instanceType>m5.large</instanceType>"
        "</launchTemplateData></item>"
    )


def instance(number: int) -> str:
    name = f"app{number // MEMBERS % 250}-main-v{number // MEMBERS // 250:03d}"
    tags = "".join(f"<item><key>tag{each}</key><value>value {each}</value></item>" for each in range(6))
    address = f"10.{number // 65025}.{number // 255 % 255}.{number % 255}"
    return (
        "<item><reservationId>r-1</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet><item>"
        f"<instanceId>i-{number:017x}</instanceId><imageId>ami-{number % 50:017x}</imageId><instanceState><code>16"
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


def ec2_pages(operation: str, members: str, make: Callable[[int], str], count: int, size: int) -> list[bytes]:
    return [
        f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><{members}>'
        f"{''.join(make(number) for number in range(start, min(start + size, count)))}</{members}>"
        f"{f'<nextToken>{start + size}</nextToken>' if start + size < count else ''}</{operation}Response>".encode()
        for start in range(0, count, size)
    ]


def group_pages() -> list[bytes]:
    return [
        '<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">'
        "<DescribeAutoScalingGroupsResult><AutoScalingGroups>"
        f"{''.join(map(group, range(start, start + 100)))}</AutoScalingGroups>"
        f"{f'<NextToken>{start + 100}</NextToken>' if start + 100 < GROUPS else ''}"
        "</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>".encode()
        for start in range(0, GROUPS, 100)
    ]


PAGES = {
    "DescribeAutoScalingGroups": (100, group_pages()),
    "DescribeInstances": (1000, ec2_pages("DescribeInstances", "reservationSet", instance, INSTANCES, 1000)),
    "DescribeLaunchTemplateVersions": (
        200,
        ec2_pages("DescribeLaunchTemplateVersions", "launchTemplateVersionSet", version, TEMPLATES, 200),
    ),
    "DescribeLaunchTemplates": (200, ec2_pages("DescribeLaunchTemplates", "launchTemplates", template, TEMPLATES, 200)),
}
EMPTY = {
    "DescribeTargetGroups": "TargetGroups",
    "DescribeLoadBalancers": "LoadBalancers",
}


class Canned(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        body = answer(asked["Action"][0], int(asked.get("NextToken", ["0"])[0]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


def answer(operation: str, start: int) -> bytes:
    if operation in PAGES:
        size, pages = PAGES[operation]
        return pages[start // size]
    if operation in EMPTY:
        inner = f"<{EMPTY[operation]}/>"
        return f"<{operation}Response><{operation}Result>{inner}</{operation}Result></{operation}Response>".encode()
    return f"<{operation}Response><imagesSet/></{operation}Response>".encode()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Canned)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
