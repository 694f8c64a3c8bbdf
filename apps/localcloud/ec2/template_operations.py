"""The EC2 operations on launch templates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from apps.localcloud.ec2 import filters
from apps.localcloud.ec2.backend import backend
from apps.localcloud.ec2.tagging import forbid_dry_run, specified_tags, tag_list, tags_of
from apps.localcloud.ec2.templates import Template, Templates, Version, forget_template, templates
from apps.localcloud.ec2.tokens import made_before, remember
from apps.localcloud.errors import AwsError
from apps.localcloud.operations import Call, Result, operation

_NAME = re.compile(r"^[a-zA-Z0-9().\-/_]{3,128}$")


def _store(call: Call) -> Templates:
    return templates(call.cloud, call.account, call.region)


def _named(call: Call) -> Template:
    return _store(call).find(call.params.get("LaunchTemplateId"), call.params.get("LaunchTemplateName"))


def _template_view(call: Call, template: Template) -> dict[str, Any]:
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "CreateTime": template.created.replace(microsecond=0),
        "CreatedBy": template.created_by,
        "DefaultVersionNumber": template.default,
        "LatestVersionNumber": template.latest,
        "Tags": tag_list(tags_of(backend(call.account, call.region), template.id)),
    }


def _version_view(template: Template, version: Version) -> dict[str, Any]:
    shown = {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "VersionNumber": version.number,
        "CreateTime": version.created.replace(microsecond=0),
        "CreatedBy": version.created_by,
        "DefaultVersion": version.number == template.default,
        "LaunchTemplateData": version.data,
    }
    return {**shown, "VersionDescription": version.description} if version.description else shown


def _repeated(call: Call) -> tuple[Template, Version] | None:
    """What an earlier request with the same client token made. Raises AwsError if that asked for something else."""
    made = made_before(call, among="templates")
    if not made:
        return None
    template = _store(call).by_id(made[0])
    return template, template.version(made[1])


@operation("ec2", "CreateLaunchTemplate")
def create_launch_template(call: Call) -> Result:
    """A template with its version 1."""
    params = call.params
    name = params["LaunchTemplateName"]
    if not _NAME.match(name):
        raise AwsError(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the"
            " following characters: - ( ) . / _.",
        )
    repeated = _repeated(call)
    if repeated is not None:
        return {"LaunchTemplate": _template_view(call, repeated[0])}
    if any(one.name == name for one in _store(call).known.values()):
        raise AwsError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
    tags = specified_tags(params, ("launch-template",))
    forbid_dry_run(params)
    template = _store(call).new(name, call.key.arn)
    version = template.add(dict(params["LaunchTemplateData"]), params.get("VersionDescription") or "", call.key.arn)
    backend(call.account, call.region).create_tags([template.id], tags.get("launch-template", {}))
    remember(call, (template.id, str(version.number)), among="templates")
    return {"LaunchTemplate": _template_view(call, template)}


@operation("ec2", "CreateLaunchTemplateVersion")
def create_launch_template_version(call: Call) -> Result:
    """The next version; with SourceVersion, what is not given is inherited member by member."""
    template = _named(call)
    repeated = _repeated(call)
    if repeated is None:
        source = call.params.get("SourceVersion")
        inherited = template.version(str(source)).data if source else {}
        forbid_dry_run(call.params)
        version = template.add(
            {**inherited, **call.params["LaunchTemplateData"]},
            call.params.get("VersionDescription") or "",
            call.key.arn,
        )
        remember(call, (template.id, str(version.number)), among="templates")
    else:
        version = repeated[1]
    return {"LaunchTemplateVersion": _version_view(template, version)}


@operation("ec2", "ModifyLaunchTemplate")
def modify_launch_template(call: Call) -> Result:
    """Sets the default version."""
    template = _named(call)
    wanted = call.params.get("DefaultVersion")
    number = template.version(str(wanted)).number if wanted else template.default
    forbid_dry_run(call.params)
    template.default = number
    return {"LaunchTemplate": _template_view(call, template)}


@operation("ec2", "DeleteLaunchTemplate")
def delete_launch_template(call: Call) -> Result:
    """The template with all its versions; what was launched from it stays."""
    template = _named(call)
    forbid_dry_run(call.params)
    shown = _template_view(call, template)
    forget_template(call.cloud, call.account, call.region, template)
    return {"LaunchTemplate": shown}


@operation("ec2", "DeleteLaunchTemplateVersions")
def delete_launch_template_versions(call: Call) -> Result:
    """Each version by itself; the default one and unknown ones are told as not deleted."""
    template = _named(call)
    forbid_dry_run(call.params)
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for wanted in call.params["Versions"]:
        told = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name}
        number = int(wanted) if str(wanted).isdigit() else 0
        if number not in template.versions:
            error = ("launchTemplateVersionDoesNotExist", f"The launch template version {wanted} does not exist.")
        elif number == template.default:
            error = ("unexpectedError", f"The default version {number} cannot be deleted.")
        else:
            del template.versions[number]
            done.append({**told, "VersionNumber": number})
            continue
        reason = {"Code": error[0], "Message": error[1]}
        failed.append({**told, "VersionNumber": number, "ResponseError": reason})
    return {
        "SuccessfullyDeletedLaunchTemplateVersions": done,
        "UnsuccessfullyDeletedLaunchTemplateVersions": failed,
    }


@operation("ec2", "DescribeLaunchTemplates")
def describe_launch_templates(call: Call) -> Result:
    """By ids, names or filters."""
    store = _store(call)
    ids, names = call.params.get("LaunchTemplateIds") or [], call.params.get("LaunchTemplateNames") or []
    candidates: Iterable[Template] = store.known.values()
    if ids or names:
        candidates = [store.by_id(one) for one in ids] + [store.by_name(one) for one in names]
    found = filters.select(
        candidates,
        call.params.get("Filters") or [],
        {"launch-template-name": lambda one: [one.name], "create-time": lambda one: [one.created.isoformat()]},
        lambda one: tags_of(backend(call.account, call.region), one.id),
    )
    shown, token = filters.page(found, call.params, default=200)
    return {"LaunchTemplates": [_template_view(call, one) for one in shown], "NextToken": token}


@operation("ec2", "DescribeLaunchTemplateVersions")
def describe_launch_template_versions(call: Call) -> Result:
    """Of one template, the newest first; or $Latest and $Default of all templates."""
    wanted = [str(one) for one in call.params.get("Versions") or []]
    if call.params.get("LaunchTemplateId") or call.params.get("LaunchTemplateName"):
        template = _named(call)
        found = [(template, one) for one in _chosen_versions(call, template, wanted)]
    elif wanted and set(wanted) <= {"$Latest", "$Default"}:
        found = [(one, one.version(name)) for one in _store(call).known.values() for name in wanted]
    else:
        raise AwsError(
            "MissingParameter", "Either LaunchTemplateId or LaunchTemplateName is required to name versions by number."
        )
    shown, token = filters.page(found, call.params, default=200)
    return {"LaunchTemplateVersions": [_version_view(*one) for one in shown], "NextToken": token}


def _chosen_versions(call: Call, template: Template, wanted: list[str]) -> list[Version]:
    if wanted:
        by_number = {one.number: one for one in (template.version(name) for name in wanted)}
    else:
        lowest = int(call.params.get("MinVersion") or 0)
        highest = int(call.params.get("MaxVersion") or template.latest)
        by_number = {number: one for number, one in template.versions.items() if lowest <= number <= highest}
    return [by_number[number] for number in sorted(by_number, reverse=True)]
