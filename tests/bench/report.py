# SPDX-License-Identifier: ISC
"""What the bench writes: bench.tsv (all medians and ratios), bench.txt (the same to read) and bench.svg (a plot)."""

import html
import os
import platform
import shutil
import subprocess
import time


def number(x):
    if x is None:
        return '-'
    return '%.0f' % x if abs(x) >= 1000 else '%.4g' % x if abs(x) >= 1 else '%.3g' % x


def first_line(*words):
    if not shutil.which(words[0]):
        return None
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.split('\n')[0]


def machine():
    """Lines that say what it ran on."""
    model, cores, memory = '?', os.cpu_count(), 0
    for line in open('/proc/cpuinfo'):
        if line.startswith('model name'):
            model = line.partition(':')[2].strip()
    for line in open('/proc/meminfo'):
        if line.startswith('MemTotal'):
            memory = int(line.split()[1]) / 1048576
    system = 'Linux'
    if os.path.exists('/etc/os-release'):
        for line in open('/etc/os-release'):
            if line.startswith('PRETTY_NAME'):
                system = line.partition('=')[2].strip().strip('"')
    peers = [first_line('ovs-vswitchd', '--version'), first_line('iperf3', '--version')]
    virtual = 'virtual' if any(line.startswith('flags') and ' hypervisor' in line for line in open('/proc/cpuinfo')) else 'real'
    return ['%d x %s (%s machine), %.0f GiB, %s, kernel %s' % (cores, model, virtual, memory, system, platform.release()),
            '; '.join(p for p in peers if p)]


def lines(done):
    return [line for row in done for line in row.result()]


def write(out, done, bench):
    tsv(os.path.join(out, 'bench.tsv'), done)
    text(os.path.join(out, 'bench.txt'), done, bench)
    svg(os.path.join(out, 'bench.svg'), done, bench)


def tsv(path, done):
    with open(path, 'w') as f:
        for line in machine():
            f.write('# %s\n' % line)
        f.write('row\tmetric\tside\tmedian\tratio\tratio_low\tratio_high\trounds\tgoal\tmet\n')
        for line in lines(done):
            for side, value in line['values'].items():
                ratio = line['ratios'].get(side, (None,) * 3)
                goals = [(g, met) for g, _, met in line['verdicts'] if (g.peer or 'ringflow') == side]
                f.write('\t'.join([line['row'], line['metric'], side, number(value), *map(number, ratio), str(line['rounds']),
                                   '; '.join(str(g) for g, _ in goals) or '-',
                                   '; '.join({True: 'yes', False: 'no', None: '?'}[m] for _, m in goals) or '-']) + '\n')


def text(path, done, bench):
    with open(path, 'w') as f:
        f.write('\n'.join(machine()) + '\n')
        f.write('%s; medians of up to %d rounds, generator %g s each; the ratio is ours to the peer\'s, lowest to highest\n' % (
            time.strftime('%Y-%m-%d'), bench.rounds, bench.seconds))
        for row in done:
            f.write('\n%s: %s\n' % (row.name, row.title))
            for side, why in row.skipped.items():
                f.write('    %s: skipped, %s\n' % (side, why))
            if hasattr(row, 'failed'):
                f.write('    FAILED: %s\n' % row.failed)
            for line in row.result():
                f.write('  %-22s %10s' % (line['metric'], number(line['values'].get('ringflow'))))
                for side, value in line['values'].items():
                    if side != 'ringflow':
                        ratio = line['ratios'].get(side)
                        f.write('   %s %s%s' % (side, number(value), ' (x %s, %s to %s)' % tuple(
                            number(r) for r in ratio) if ratio else ''))
                for goal, _, met in line['verdicts']:
                    f.write('   [%s: %s]' % (goal, {True: 'met', False: 'MISSED', None: 'not measured'}[met]))
                f.write('\n')


COLOURS = {'ringflow': '#2a6fb0', 'wirefwd': '#888888', 'bridge': '#7aa36f', 'ovs': '#c9803a', 'ovs-afxdp': '#d9b26a'}


class Page:
    """An SVG that grows downwards."""

    def __init__(self, width):
        self.width, self.y, self.parts = width, 10, []

    def words(self, x, text_, size=12, colour='#222', anchor='start', bold=False):
        self.parts.append('<text x="%g" y="%g" font-size="%d" fill="%s" text-anchor="%s"%s>%s</text>' % (
            x, self.y, size, colour, anchor, ' font-weight="bold"' if bold else '', html.escape(text_)))

    def bar(self, x, width, height, colour):
        self.parts.append('<rect x="%g" y="%g" width="%.1f" height="%g" fill="%s"/>' % (
            x, self.y - height + 1, max(width, 0.5), height, colour))

    def save(self, path):
        with open(path, 'w') as f:
            f.write('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif">\n' % (
                self.width, self.y + 20))
            f.write('<rect width="100%" height="100%" fill="white"/>\n' + '\n'.join(self.parts) + '\n</svg>\n')


def svg(path, done, bench):
    """A bar for each side of each metric, on a scale of the metric's own; the ratios and goals beside them."""
    page = Page(980)
    page.y += 14
    page.words(10, 'Ringflow beside its peers', 16, bold=True)
    for line in machine():
        page.y += 16
        page.words(10, line, 11, '#555')
    for row in done:
        page.y += 30
        page.words(10, '%s: %s' % (row.name, row.title), 13, bold=True)
        for line in row.result():
            top = max(line['values'].values(), default=0) or 1
            for i, (side, value) in enumerate(line['values'].items()):
                page.y += 15 if i else 19
                if i == 0:
                    page.words(170, line['metric'], 11, anchor='end')
                page.words(245, side, 10, '#555', 'end')
                page.bar(250, 340 * value / top, 10, COLOURS.get(side, '#aaa'))
                ratio = line['ratios'].get(side)
                page.words(256 + 340 * value / top, number(value) + (', x %s' % number(ratio[0]) if ratio else ''), 10)
                for goal, _, met in line['verdicts']:
                    if (goal.peer or 'ringflow') == side:
                        page.words(740, '%s: %s' % (goal, {True: 'met', False: 'missed', None: 'not measured'}[met]), 10,
                                   {True: '#2b7a2b', False: '#b02020', None: '#888'}[met])
    page.save(path)
