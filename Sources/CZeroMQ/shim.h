#ifndef PONDER_CZEROMQ_SHIM_H
#define PONDER_CZEROMQ_SHIM_H

// Swift's Glibc module leaves eventfd out.
#include <sys/eventfd.h>
#include <zmq.h>

// Accepted by number in every 4.3 build, declared only with the draft API.
enum { PONDER_ZMQ_ZAP_ENFORCE_DOMAIN = 93 };

#endif
