/* SPDX-License-Identifier: ISC */
/* Internet checksums (RFC 1071, RFC 1624) and SCTP's CRC32c (RFC 9260, appendix A), over bytes and over frames in two pieces. */
#ifndef DATAPATH_AF_PACKET_CHECKSUM_H
#define DATAPATH_AF_PACKET_CHECKSUM_H

#include "exec.h"
#include "wire.h"

/* Sums may be added to each other; csum_fold gives the 16 bits, not inverted. */
uint64_t csum_bytes(const uint8_t *, size_t n);
uint16_t csum_fold(uint64_t sum);
/* What replacing 'was' by 'now' adds to a sum; 'n' is even and the bytes lie at an even offset. */
uint64_t csum_diff(const uint8_t *was, const uint8_t *now, size_t n);
/* Corrects the checksum at 'field' (or, if 'partial', the sum not yet inverted) by what csum_diff said. */
void csum_update(uint8_t *field, uint64_t diff, bool partial);

/* Bytes [from, to) of the frame; 'to' is at most its length. */
uint64_t csum_packet(const struct packet *, size_t from, size_t to);
/* CRC32c of the same, with the four bytes at 'hole' taken as zero; in the byte order that SCTP sends. */
void crc32c_packet(const struct packet *, size_t from, size_t to, size_t hole, uint8_t out[4]);

/* The sum of the pseudo header of the IP header at 'l3' (4 or 6 by its version). */
uint64_t csum_pseudo(const uint8_t *l3, uint8_t proto, uint32_t l4_len);

#endif
