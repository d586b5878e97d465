# SPDX-License-Identifier: ISC
"""The patterns of the Ryu certification: where they are, their categories, the table of results."""

import collections
import importlib.util
import os
import re

COLUMNS = ('category', 'class', 'file', 'case', 'result', 'reason', 'seconds')
CATEGORIES = ('action', 'set_field', 'match', 'group', 'meter', 'own')
FOLDERS = ('action', 'group', 'match', 'meter')
OWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'patterns')

# Fields that every OpenFlow 1.3 switch must match (7.2.3.7, table 12).  The certification counts only those of their cases whose frame
# has no tag of any kind.
REQUIRED_FIELDS = set('IN_PORT ETH_DST ETH_SRC ETH_TYPE IP_PROTO IPV4_SRC IPV4_DST IPV6_SRC IPV6_DST '
                      'TCP_SRC TCP_DST UDP_SRC UDP_DST'.split())


def folder():
    """RYU_TESTS, or the patterns of an installed ryu or os-ken; None if there are none."""
    places = [os.environ.get('RYU_TESTS')]
    for package in ('ryu', 'os_ken'):
        spec = importlib.util.find_spec(package)
        if spec and spec.submodule_search_locations:
            places.append(os.path.join(list(spec.submodule_search_locations)[0], 'tests', 'switch', 'of13'))
    for place in filter(None, places):
        if os.path.isdir(os.path.join(place, 'match')):
            return os.path.abspath(place)
    return None


def files(root, wanted=()):
    """The pattern files below 'root' as relative paths in a fixed order; 'wanted': beginnings of paths, none = all."""
    found = []
    for base, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.relpath(os.path.join(base, name), root)
            if name.endswith('.json') and (not wanted or any(path.startswith(w) for w in wanted)):
                found.append(path)
    return found


def category(path):
    first = path.split(os.sep)[0]
    if 'SET_FIELD' in path:
        return 'set_field'
    return first if first in CATEGORIES else 'own'


def field(path):
    """action/17_PUSH_VLAN_multiple.json -> PUSH_VLAN"""
    name = os.path.basename(path)[:-len('.json')].partition('_')[2]
    while True:
        short = re.sub('_(Mask|IPv4|IPv6|multiple)$', '', name)
        if short == name:
            return name
        name = short


def required(path, case):
    kind, name, frame = category(path), field(path), case.partition('-->')[0]
    if kind == 'match':
        return name in REQUIRED_FIELDS and not re.search(r'/(s?vlan|mpls|itag)\b', frame)
    return (kind, name) in {('action', 'OUTPUT'), ('group', 'ALL')}


class Results:
    """The file of results, written case by case: what was done is there whenever the run ends."""

    def __init__(self, path):
        self.out = open(path, 'w')
        self.put(COLUMNS)

    def put(self, cells):
        self.out.write('\t'.join(' '.join(str(c).split()) for c in cells) + '\n')
        self.out.flush()

    def case(self, path, name, reason, seconds):
        self.put((category(path), 'required' if required(path, name) else 'optional', path, name, 'ERROR' if reason else 'OK',
                  reason, '%.1f' % seconds))

    def end(self, text):
        self.put(('#end', text))
        self.out.close()


def read(path):
    """The rows of a file of results as dictionaries, and its closing line ('' if the run did not end by itself)."""
    rows, end = [], ''
    with open(path) as lines:
        next(lines)
        for line in lines:
            cells = line.rstrip('\n').split('\t')
            if cells[0] == '#end':
                end = cells[1]
            else:
                rows.append(dict(zip(COLUMNS, cells)))
    return rows, end


def summary(rows):
    """The table of results by category, as text."""
    count = collections.Counter()
    for r in rows:
        for kind in (r['category'], 'total'):
            for cls in ('all', r['class']):
                count[kind, cls, r['result']] += 1
    lines = ['%-10s %6s %6s %6s   %s' % ('category', 'OK', 'ERROR', 'total', 'required')]
    for kind in CATEGORIES + ('total',):
        ok, bad = count[kind, 'all', 'OK'], count[kind, 'all', 'ERROR']
        need, have = sum(count[kind, 'required', r] for r in ('OK', 'ERROR')), count[kind, 'required', 'OK']
        if ok + bad:
            lines.append('%-10s %6d %6d %6d   %s' % (kind, ok, bad, ok + bad, '%d/%d' % (have, need) if need else '-'))
    return '\n'.join(lines)
