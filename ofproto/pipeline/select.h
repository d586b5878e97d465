/* SPDX-License-Identifier: ISC */
/* The choice of a bucket: SELECT by hash and weight, fast failover by liveness (5.6.1).
 *
 * SELECT.  The hash covers every header field that the frame has (both MAC addresses, VLAN, MPLS, PBB, IP, ARP, transport, ICMP and
 * neighbour discovery fields) under a random key, so that nobody outside can aim at a bucket.  It leaves out what differs between frames
 * of one flow: ECN bits, IPv6 extension headers, and the transport header of fragments, of which only the first has one.  It takes the frame
 * as it is when it meets the group.
 *
 * Each live bucket draws from the hash and its own key an exponential of its weight, and the smallest wins (weighted rendezvous).  So
 * a bucket's share of flows is its weight's share of the sum, exactly; a bucket that goes gives its flows to the others by their weights,
 * one that comes takes its share from all, one whose weight changes loses or gains the difference, and no other flow moves.
 * Buckets without weight get nothing, unless no live bucket has one: then all shares are equal. */
#ifndef OFPROTO_PIPELINE_SELECT_H
#define OFPROTO_PIPELINE_SELECT_H

#include "groups.h"

/* 'seed' is hash_seed(), or whatever a test likes. */
uint64_t select_hash(const struct flow_key *, uint64_t seed);
/* Index of the bucket for 'hash', or -1: none is live. */
int select_bucket(const struct group *, uint64_t hash);
/* The first live bucket, or -1. */
int select_first_live(const struct group *);

#endif
