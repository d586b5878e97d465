/* SPDX-License-Identifier: ISC */
/* Addresses as text: MAC, IPv4, IPv6, and masks.  No resolver in here. */
#ifndef LIB_ADDR_H
#define LIB_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_STR_LEN 18  /* "xx:xx:xx:xx:xx:xx" and NUL */
#define IPV6_STR_LEN 46

/* "xx:xx:xx:xx:xx:xx", one or two hex digits each; false (and *mac unchanged) for anything else. */
bool mac_parse(const char *, uint8_t mac[6]);
char *mac_format(const uint8_t mac[6], char buf[MAC_STR_LEN]);

/* Dotted quad or IPv6 text to network order; false for anything else. */
bool ipv4_parse(const char *, uint8_t addr[4]);
bool ipv6_parse(const char *, uint8_t addr[16]);
char *ipv4_format(const uint8_t addr[4], char buf[16]);
char *ipv6_format(const uint8_t addr[16], char buf[IPV6_STR_LEN]);

/* Leading one bits of an 'n'-byte mask, or -1 if it is not of the prefix form. */
int mask_prefix_len(const uint8_t *mask, size_t n);
/* Writes a mask of 'bits' leading ones into 'n' bytes. */
void mask_from_prefix(unsigned bits, uint8_t *mask, size_t n);

static inline bool
mac_is_multicast(const uint8_t mac[6])
{
	return (mac[0] & 1) != 0;
}

#endif
