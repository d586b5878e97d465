# SPDX-License-Identifier: ISC
"""Runs the commands of ofctl_commands.txt with rf-ofctl and with `ovs-ofctl -O OpenFlow13` and compares what they print.

Four streams of commands run side by side: each tool against an rf-switchd and an Open vSwitch of its own, so that what one tool
changes the other does not see."""

import os
import re
import shlex
import subprocess
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, 'ofctl_commands.txt')


class Command:
    def __init__(self, line, number):
        self.line, self.number, self.reason, self.only = line, number, None, None
        line, _, stdin = line.partition(' < ') if ' < ' in line or line.endswith(' <') else (line, '', None)
        self.stdin = stdin.replace('\\n', '\n') if stdin is not None else ''
        self.words = shlex.split(line)
        self.switched = '@' in self.words

    def explain(self, text):
        m = re.match(r'(ovs|ringflow): (.*)', text)
        self.only, self.reason = (m[1], m[2]) if m else (None, text)

    def any_order(self, kind):
        """Open vSwitch and ovs-ofctl hash with a seed of their own at every start: what they do not sort is in no order."""
        sorts = any(re.match('--r?sort', w) for w in self.words)
        return 'diff-flows' in self.words or kind == 'ovs' and not sorts and any(re.match('dump-(flow|group)', w) for w in self.words)

    def explained(self, kind):
        return self.reason is not None and self.only in (None, kind)


class Section:
    def __init__(self, name):
        self.name, self.commands, self.files = name, [], {}


def read_list(path=LIST):
    sections, body = [], None
    with open(path) as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip('\n')
            if body is not None and line.startswith('  '):
                body.append(line[2:])
            elif line.startswith('== '):
                sections.append(Section(line[3:]))
                body = None
            elif line.startswith('file '):
                body = sections[-1].files.setdefault(line[5:], [])
            elif line.startswith('! '):
                sections[-1].commands[-1].explain(line[2:])
            elif body is not None and not line:
                body.append('')
            elif line and not line.startswith('#'):
                sections[-1].commands.append(Command(line, number))
                body = None
    return sections


LOG = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\|\d+\|(\w+)\|\w+\|(.*)\n', re.M)
MASKS = [(re.compile(p), r) for p, r in (
    (r'\bxid=(0x)?[0-9a-f]+', 'xid=X'),
    (r'\b(ovs|rf)-ofctl\b', 'TOOL'),
    (r'duration[=:](\x1b\[m\x1b\[K)?\d+(\.\d+)?s', 'duration=T'),
    (r'\btime=[\d.]+ ms', 'time=T'),
    (r'(unix:)?/[^ ]*\.mgmt', 'SOCKET'),
    (r'dpid:[0-9a-f]{16}', 'dpid:D'),
    (r'(addr|dl_src|dl_dst):([0-9a-f]{2}:){5}[0-9a-f]{2}', 'addr:A'),
    (r'(rx|tx) pkts=\d+, bytes=\d+, drop=\d+', r'\1 counters'),
    (r'lookup=\d+, matched=\d+', 'lookups'),
)]


def masked(text):
    """Notes that a match was cut stay, the rest of the log goes."""
    text = LOG.sub(lambda m: m[2] + '\n' if m[1] == 'ofp_match' else '', text)
    for pattern, by in MASKS:
        text = pattern.sub(by, text)
    return text


class Tool:
    """A program with what it needs to find the switch 's1'."""

    def __init__(self, words, env):
        self.words, self.env = words, dict(os.environ, **env)

    def run(self, command, folder):
        words = ['s1' if w == '@' else w for w in command.words]
        done = subprocess.run(self.words + words, env=self.env, cwd=folder, input=command.stdin, capture_output=True,
                              text=True, errors='replace', timeout=60)
        return done.returncode, masked(done.stdout), masked(done.stderr)


class Stream(threading.Thread):
    """All sections with one tool; 'switched' chooses the commands."""

    def __init__(self, sections, tool, folder, switched):
        super().__init__()
        self.sections, self.tool, self.folder, self.switched, self.results, self.trouble = sections, tool, folder, switched, {}, None

    def run(self):
        try:
            for section in self.sections:
                for name, lines in section.files.items():
                    with open(os.path.join(self.folder, name), 'w') as f:
                        f.write(''.join(line + '\n' for line in lines))
                for command in section.commands:
                    if command.switched == self.switched:
                        self.results[command] = self.tool.run(command, self.folder)
        except Exception as e:  # told by the test, in its own thread
            self.trouble = e


def run_all(pairs, folder):
    """'pairs': {kind: (tool, tool)}.  Returns the (kind, command, theirs, ours) that differ without a reason, the
    commands whose reason is no longer needed, and how many commands ran."""
    sections, streams = read_list(), {}
    for kind, tools in pairs.items():
        for i, tool in enumerate(tools):
            where = os.path.join(folder, '%s-%d' % (kind, i))
            os.makedirs(where)
            streams[kind, i] = Stream(sections, tool, where, kind != 'none')
    for s in streams.values():
        s.start()
    for s in streams.values():
        s.join()
        if s.trouble:
            raise s.trouble
    different, counts, needed, explained = [], {}, set(), set()
    for kind in pairs:
        theirs, ours = streams[kind, 0].results, streams[kind, 1].results
        counts[kind] = len(theirs)
        for command, result in theirs.items():
            same = ordered(command, kind, result) == ordered(command, kind, ours[command])
            if command.explained(kind):
                explained.add(command)
            if not same and command.explained(kind):
                needed.add(command)
            if not same and not command.explained(kind):
                different.append((kind, command, result, ours[command]))
    return different, sorted(explained - needed, key=lambda c: c.number), counts


def ordered(command, kind, result):
    if not command.any_order(kind):
        return result
    status, out, err = result
    return status, sorted(out.splitlines()), err


def show(kind, command, theirs, ours):
    text = '%s:%d (%s): %s\n' % (os.path.basename(LIST), command.number, kind, command.line)
    for name, a, b in zip(('status', 'stdout', 'stderr'), theirs, ours):
        if a != b:
            text += '  %s of ovs-ofctl: %r\n  %s of rf-ofctl:  %r\n' % (name, a, name, b)
    return text
