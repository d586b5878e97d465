# SPDX-License-Identifier: ISC
"""A learning switch for os-ken, OpenFlow 1.3: the controller decides, the switch forwards.

A new switch gets one table-miss entry that sends unknown frames here.  Each frame teaches on which port its
sender is.  When both ends are known, one flow entry per direction lets the switch go on alone; an entry that
nothing used for IDLE seconds goes away.  A host that moves to another port takes its entries with it.

    osken-manager examples/learning_switch.py                             (plain TCP, port 6653)
    osken-manager --ofp-ssl-listen-port 6653 --ctl-privkey KEY --ctl-cert CERT --ca-certs SWITCH-CA \
        examples/learning_switch.py                                       (TLS, switches must show a certificate)
"""

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, DEAD_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.ofproto import ofproto_v1_3

IDLE = 60
LLDP = b'\x88\xcc'


def mac_text(mac):
    return ':'.join('%02x' % byte for byte in mac)


class LearningSwitch(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.where = {}  # dpid -> {mac: port}

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def switch_is_here(self, ev):
        switch = ev.msg.datapath
        ofp, make = switch.ofproto, switch.ofproto_parser
        self.where[switch.id] = {}
        self.logger.info('switch %016x is here', switch.id)
        # What an earlier run of this program left could disagree with what it learns now.
        switch.send_msg(make.OFPFlowMod(switch, command=ofp.OFPFC_DELETE, table_id=ofp.OFPTT_ALL,
                                        out_port=ofp.OFPP_ANY, out_group=ofp.OFPG_ANY))
        self.add(switch, 0, make.OFPMatch(), ofp.OFPP_CONTROLLER)
        switch.send_msg(make.OFPBarrierRequest(switch))

    @set_ev_cls(ofp_event.EventOFPStateChange, DEAD_DISPATCHER)
    def switch_is_gone(self, ev):
        if ev.datapath.id is not None:
            self.where.pop(ev.datapath.id, None)
            self.logger.info('switch %016x is gone', ev.datapath.id)

    @set_ev_cls(ofp_event.EventOFPPortStatus, MAIN_DISPATCHER)
    def port_changed(self, ev):
        switch, port = ev.msg.datapath, ev.msg.desc
        ofp, make = switch.ofproto, switch.ofproto_parser
        down = ev.msg.reason == ofp.OFPPR_DELETE or port.state & ofp.OFPPS_LINK_DOWN
        self.logger.info('port %d (%s) of %016x: %s', port.port_no, port.name.decode(), switch.id,
                         'down' if down else 'up')
        if not down:
            return
        known = self.where.get(switch.id, {})
        for mac in [mac for mac, at in known.items() if at == port.port_no]:
            self.forget(switch, mac)
        switch.send_msg(make.OFPFlowMod(switch, command=ofp.OFPFC_DELETE, out_port=port.port_no,
                                        out_group=ofp.OFPG_ANY))

    @set_ev_cls(ofp_event.EventOFPErrorMsg, [CONFIG_DISPATCHER, MAIN_DISPATCHER])
    def refused(self, ev):
        self.logger.error('switch %s refused a message: type %d code %d', ev.msg.datapath.id, ev.msg.type, ev.msg.code)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def frame(self, ev):
        msg = ev.msg
        switch, port = msg.datapath, msg.match['in_port']
        ofp, make = switch.ofproto, switch.ofproto_parser
        dst, src, kind = msg.data[0:6], msg.data[6:12], msg.data[12:14]
        if len(msg.data) < 14 or kind == LLDP or src[0] & 1:
            return
        known = self.where.setdefault(switch.id, {})
        if known.get(src, port) != port:
            self.forget(switch, src)
        if src not in known:
            known[src] = port
            self.logger.info('switch %016x: %s is at port %d', switch.id, mac_text(src), port)
        out = known.get(dst, ofp.OFPP_FLOOD)
        if out == port:
            return
        if out != ofp.OFPP_FLOOD:
            self.add(switch, 1, make.OFPMatch(in_port=port, eth_dst=mac_text(dst), eth_src=mac_text(src)), out, IDLE)
        switch.send_msg(make.OFPPacketOut(switch, buffer_id=ofp.OFP_NO_BUFFER, in_port=port, data=msg.data,
                                          actions=[make.OFPActionOutput(out)]))

    def add(self, switch, priority, match, out, idle=0):
        ofp, make = switch.ofproto, switch.ofproto_parser
        apply = make.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS,
                                           [make.OFPActionOutput(out, ofp.OFPCML_NO_BUFFER)])
        switch.send_msg(make.OFPFlowMod(switch, priority=priority, match=match, instructions=[apply],
                                        idle_timeout=idle))

    def forget(self, switch, mac):
        """Both directions of what was decided for 'mac' go; the next frames are decided anew."""
        ofp, make = switch.ofproto, switch.ofproto_parser
        self.where[switch.id].pop(mac, None)
        for match in (make.OFPMatch(eth_src=mac_text(mac)), make.OFPMatch(eth_dst=mac_text(mac))):
            switch.send_msg(make.OFPFlowMod(switch, command=ofp.OFPFC_DELETE, out_port=ofp.OFPP_ANY,
                                            out_group=ofp.OFPG_ANY, match=match))
