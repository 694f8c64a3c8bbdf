#!/bin/sh
# Bakes @TITLE@: installs it, says what is inside, leaves no trace of itself, and stops the machine.
# Written by deployconsole, which reads what is printed here.
set -u
NONCE=@NONCE@
URL=@URL@

if [ "$(id -u)" = 0 ]; then ROOT=${BAKE_ROOT-}; else ROOT=${BAKE_ROOT-$HOME}; fi  # who is not root owns one folder
WORK=$ROOT/.deployconsole-bake
rm -rf "$WORK"
mkdir -m 700 "$WORK"
if [ -z "$ROOT" ] && (: >/dev/console) 2>/dev/null; then exec 3>/dev/console; else exec 3>&1; fi

say() { printf 'deployconsole-bake %s %s\n' "$NONCE" "$*" >&3; }

step() {
  printf '%s' "$1" >"$WORK/step"
  say "step $1"
}

put_in() {
:
@INSTALL@
}

clean() {
  if [ -z "$ROOT" ] && command -v cloud-init >/dev/null; then cloud-init clean --logs || :; fi
  find "$ROOT/var/lib/cloud" -mindepth 1 -maxdepth 1 ! -name seed -exec rm -rf {} + 2>/dev/null || :
  rm -rf "$ROOT"/var/log/cloud-init* "$ROOT"/var/log/journal/* "$ROOT"/var/lib/systemd/random-seed
  rm -f "$ROOT"/etc/ssh/ssh_host_* "$ROOT"/.user-data-* @LEAVES@
  if [ -e "$ROOT/etc/machine-id" ]; then : >"$ROOT/etc/machine-id"; fi
  if [ ! -L "$ROOT/var/lib/dbus/machine-id" ]; then rm -f "$ROOT/var/lib/dbus/machine-id"; fi
  for home in "$ROOT" "$ROOT"/root "$ROOT"/home/*; do
    rm -rf "$home"/.*_history "$home/.netrc" "$home/.config/pip" "$home/.cache/pip" "$home/.cache/uv"
  done
  for folder in "$ROOT/tmp" "$ROOT/var/tmp"; do
    if [ -d "$folder" ]; then find "$folder" -xdev -mindepth 1 -delete || :; fi
  done
}

packages() {
  if [ -d "$ROOT/var/lib/dpkg" ] && command -v dpkg-query >/dev/null; then
    dpkg-query --admindir="$ROOT/var/lib/dpkg" -W -f '${db:Status-Abbrev}deb:${Package} ${Version}\n' |
      sed -n 's/^ii //p'
  fi
  if command -v rpm >/dev/null && [ -d "$ROOT/var/lib/rpm" -o -d "$ROOT/usr/lib/sysimage/rpm" ]; then
    rpm ${ROOT:+--root "$ROOT"} -qa --qf 'rpm:%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n'
  fi
  find "$ROOT/" -xdev -path '*.dist-info/METADATA' 2>/dev/null | while read -r each; do
    tr -d '\r' <"$each" | awk '/^Name: /{name=tolower($2)} /^Version: /{version=$2} /^$/{exit}
      END{gsub(/[-_.]+/, "-", name); if (name != "") print "python:" name, version}'
  done
}

files() {
  cd "$ROOT/"
  for each in @CONFIGURATION@; do
    if [ -e ".$each" ]; then find ".$each" -xdev -type f -exec sha256sum {} + || :; fi
  done | sed -n 's/^\([0-9a-f]\{64\}\) [ *]\.\//\1 \//p'
}

manifest() {
  (files) | sort -u -k 2 | sed 's/^/f /' >"$WORK/manifest"
  packages | sort -u | sed 's/^/p /' >>"$WORK/manifest"
}

bake() {
  step install
  put_in
  step clean
  clean
  step manifest
  manifest
}

# A few lines at a time, each piece complete in itself: of what AWS keeps of a console, the beginning may be lost.
framed() {
  if [ ! -s "$2" ]; then return; fi
  rm -f "$WORK"/part.*
  split -a 4 -l 64 "$2" "$WORK/part."
  count=$(find "$WORK" -name 'part.*' | wc -l)
  number=0
  for part in "$WORK"/part.*; do
    number=$((number + 1))
    say "$1 $(gzip -9 <"$part" | base64 | tr -d '\n') $number/$((count))"
  done
}

put() {
  if [ -z "$URL" ]; then return 1; fi
  { sed 's/^/l /' "$WORK/log"; cat "$WORK/manifest"; } | gzip -9 >"$WORK/report"
  if command -v curl >/dev/null; then
    curl -sS --fail --retry 5 -o /dev/null -T "$WORK/report" "$URL" 2>>"$WORK/log"
  else
    python3 -c 'import sys, urllib.request as u
u.urlopen(u.Request(sys.argv[2], open(sys.argv[1], "rb").read(), method="PUT"), timeout=60)' "$WORK/report" "$URL" \
      2>>"$WORK/log"
  fi
}

say begin
: >"$WORK/manifest"
{
  (set -eu; bake) </dev/null
  echo "$?" >"$WORK/status"
} 2>&1 | tee "$WORK/log" >&3
status=$(cat "$WORK/status" 2>/dev/null || echo 1)
say "log-bytes $(($(wc -c <"$WORK/log")))"
if put; then
  say sent
else
  tail -c 49152 "$WORK/log" >"$WORK/end"
  framed log "$WORK/end"
  framed manifest "$WORK/manifest"
fi
if [ "$status" != 0 ]; then
  grep -v '^[[:space:]]*$' "$WORK/log" | tail -n 5 | while read -r line; do say "says $line"; done
  failed=$(cat "$WORK/step")
fi
rm -rf "$WORK"
sync
if [ "$status" = 0 ]; then say ok; else say "failed $failed $status"; fi
shutdown -h now || poweroff || halt -p
while :; do sleep 5; done
