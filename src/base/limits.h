/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Every limit on what a peer may make us wait for, hold or parse, in one table.
   A breach is a protocol error, never memory. Times are in milliseconds, sizes in bytes. */

/* --- time --- */
#define POSTSEAL_LIMIT_SILENCE_MS 60000 /* default of the account key "timeout" */
#define POSTSEAL_LIMIT_HAPPY_EYEBALLS_MS 250 /* RFC 8305 section 5: connection attempt delay */
#define POSTSEAL_LIMIT_CLOSE_MS 1000 /* LOGOUT, QUIT and close_notify: best effort */
#define POSTSEAL_LIMIT_SECRET_MS 30000 /* password command, secret service */
#define POSTSEAL_LIMIT_TOKEN_MS 20000 /* a provider's answer to a refresh token */
#define POSTSEAL_LIMIT_DELIVERY_MS 300000 /* one message through an MDA or LMTP */
#define POSTSEAL_LIMIT_LOCK_MS 30000 /* waiting for a mailbox lock of another program */
/* A server in trouble: most are only starting again, and 5 s later there. One that is down for long
   is asked four times an hour by each client, so that mail is at most that late once it is back. */
#define POSTSEAL_LIMIT_TROUBLE_FIRST_MS 5000
#define POSTSEAL_LIMIT_TROUBLE_LONGEST_MS 900000
#define POSTSEAL_LIMIT_BUSY_FIRST_MS 2000 /* another program works for the account */
#define POSTSEAL_LIMIT_BUSY_LONGEST_MS 30000

/* A peer that vanished without a word, noticed where nobody waits for an answer (IDLE). The kernel
   asks, and wakes us only with the bad news, six minutes after the last word. Asked more seldom
   than every five minutes, many home routers would forget the connection; more often, radios would
   be kept awake. */
#define POSTSEAL_LIMIT_KEEPALIVE_IDLE_S 240
#define POSTSEAL_LIMIT_KEEPALIVE_INTERVAL_S 30
#define POSTSEAL_LIMIT_KEEPALIVE_PROBES 4
/* How long what was sent may stay unacknowledged. Linux gives up by this, not by the number of
   probes: just below idle + interval * probes. */
#define POSTSEAL_LIMIT_UNACKNOWLEDGED_MS 355000

/* Between attempts, from the first (with jitter down to its half) to the longest, by what is wrong:
   the network or the server; somebody else at work; no room; TLS policy or log-in, which only the
   user or the server's people can mend, and where trying often locks users out. */
#define POSTSEAL_RETRY_FIRST_MS 1000
#define POSTSEAL_RETRY_LONGEST_MS 900000
#define POSTSEAL_RETRY_BUSY_FIRST_MS 2000
#define POSTSEAL_RETRY_BUSY_LONGEST_MS 60000
#define POSTSEAL_RETRY_FULL_FIRST_MS 10000
#define POSTSEAL_RETRY_FULL_LONGEST_MS 300000
#define POSTSEAL_RETRY_REFUSED_FIRST_MS 600000
#define POSTSEAL_RETRY_REFUSED_LONGEST_MS 21600000
#define POSTSEAL_RETRY_REJECTED_MS 60000 /* at the earliest when some secret has changed */
#define POSTSEAL_RETRY_STEADY_MS 10000 /* what has worked so long is tried again at once */
#define POSTSEAL_LIMIT_PROBE_MS 2000 /* to show that a connection has survived */
#define POSTSEAL_LIMIT_LEAVE_MS 600 /* for what is under way when the program is to end */

/* IDLE is renewed, and what is due for deletion looked for: a server may log a client out after 30
   minutes, so RFC 2177 wants less than 29, and some less patient servers and firewalls take their
   half hour from the last answer. */
#define POSTSEAL_LIMIT_IDLE_MS 1440000
#define POSTSEAL_LIMIT_ROUND_MS 3600000 /* everything is looked at once at least in this time */

/* RFC 5321 section 4.5.3.2, unless the account says "timeout" itself. */
#define POSTSEAL_LIMIT_SMTP_GREETING_MS 300000
#define POSTSEAL_LIMIT_SMTP_COMMAND_MS 300000 /* EHLO, AUTH, MAIL, RCPT, RSET */
#define POSTSEAL_LIMIT_SMTP_DATA_MS 120000
#define POSTSEAL_LIMIT_SMTP_BLOCK_MS 180000 /* no progress while content goes out */
#define POSTSEAL_LIMIT_SMTP_FINAL_MS 600000

/* In seconds. */
#define POSTSEAL_LIMIT_OUTBOX_LIFE_S 432000 /* default of "retry-for": five days */
#define POSTSEAL_LIMIT_OUTBOX_MEMORY_S 604800 /* what is known of a message that has left */
#define POSTSEAL_LIMIT_OUTBOX_DRAFT_S 86400 /* age of an orphan in tmp/ */
#define POSTSEAL_LIMIT_STRANGER_S 1209600 /* how long another key by another issuer is told */
#define POSTSEAL_LIMIT_FOUND_S 86400 /* a limit found: it may be the user's phone */

/* A raw session whose input has ended: after so long without a word from the server, it is told so.
   At once would cost answers: many a server drops everything when it is told. */
#define POSTSEAL_LIMIT_LAST_WORDS_MS 5000

/* What the DNS says of a server's key. An attacker can always keep the answer back, so waiting for
   it long does not make a server safer that proves itself without. */
#define POSTSEAL_LIMIT_DANE_MS 10000
#define POSTSEAL_LIMIT_DANE_PATIENCE_MS                                                            \
  2000 /* after the handshake, of a server that is vouched for */
#define POSTSEAL_LIMIT_DANE_SILENCE_S 600 /* who has not answered is not waited for once more */
#define POSTSEAL_LIMIT_DANE_REST_MS 60000 /* who was asked is kept for the next connection */

#define POSTSEAL_LIMIT_TRIAL_SILENCE_MS 10000 /* of a server, up to the seal: a person waits */

/* Finding servers for an address: a person waits. */
#define POSTSEAL_LIMIT_DISCOVERY_MS 3000 /* all of it */
#define POSTSEAL_LIMIT_PROBE_SILENCE_MS 2500 /* one wait for a server that may not exist */

/* --- size --- */
#define POSTSEAL_LIMIT_LINE 65536 /* one response line, any protocol */
#define POSTSEAL_LIMIT_VESTIBULE 4096 /* all that may be read before TLS */
#define POSTSEAL_LIMIT_VESTIBULE_LINES 64 /* e.g. a multi-line SMTP greeting */
#define POSTSEAL_LIMIT_NESTING 32 /* parentheses in an IMAP response */
#define POSTSEAL_LIMIT_LIST 16384 /* values in one IMAP response */
#define POSTSEAL_LIMIT_KEPT_LITERAL 1048576 /* an IMAP literal that is not streamed */
#define POSTSEAL_LIMIT_MESSAGE G_GINT64_CONSTANT (0x100000000) /* one message: 4 GiB */
#define POSTSEAL_LIMIT_MESSAGES 10000000 /* messages in one mailbox listing */
#define POSTSEAL_LIMIT_MAILBOXES 65536 /* mailboxes in one LIST */
#define POSTSEAL_LIMIT_MAILBOX_NAMES 8388608 /* bytes of all their names */
#define POSTSEAL_LIMIT_UIDL 70 /* RFC 1939 section 7 */
#define POSTSEAL_LIMIT_SECRET 65536 /* a password or token */
#define POSTSEAL_LIMIT_SCRAM_ITERATIONS                                                            \
  1000000 /* the server chooses; beyond this it is an attack */
#define POSTSEAL_LIMIT_SASL_CHALLENGE 16384

#define POSTSEAL_LIMIT_AUTOCONFIG 65536 /* what describes a provider's servers */
#define POSTSEAL_LIMIT_LOOKUP_QUESTIONS 64 /* to the DNS and https servers, not yet answered */
#define POSTSEAL_LIMIT_LOOKUP_RECORDS 64 /* of one name */
#define POSTSEAL_LIMIT_LOOKUP_LINE 98304 /* one answer of postseal-lookup: a file in base64 */

#define POSTSEAL_LIMIT_SMTP_REPLY 65536 /* all lines of one reply */
#define POSTSEAL_LIMIT_HEADER 1048576 /* the header of a message to be sent */
#define POSTSEAL_LIMIT_RECEIVED 100 /* fields: RFC 5321 section 6.3: a loop */
#define POSTSEAL_LIMIT_AUTHENTICATION_FIELD 65536 /* one Authentication-Results field */
#define POSTSEAL_LIMIT_AUTHENTICATION_RESULTS 64 /* in it */
#define POSTSEAL_LIMIT_AUTHENTICATION_PROPERTIES 32 /* of one result */
#define POSTSEAL_LIMIT_RECIPIENTS 10000 /* of one message */
#define POSTSEAL_LIMIT_TEXT_LINE 998 /* RFC 5321 section 4.5.3.1.6, RFC 5322 section 2.1.1 */

/* --- work in flight --- */
#define POSTSEAL_DELIVERY_HIGH_WATER                                                               \
  4194304 /* queued for the disk: stop reading the socket ...                                      \
           */
#define POSTSEAL_DELIVERY_LOW_WATER 1048576 /* ... until it is down to this */
#define POSTSEAL_BATCH_MESSAGES 256 /* one ledger transaction covers at most this many, */
#define POSTSEAL_BATCH_BYTES 16777216 /* this many bytes, */
#define POSTSEAL_BATCH_MS 1000 /* or this much time */
#define POSTSEAL_FSYNC_THREADS 8
#define POSTSEAL_LIMIT_SMTP_WINDOW 64 /* messages on their way before the first is answered */
#define POSTSEAL_LIMIT_SMTP_WINDOW_BYTES 1048576 /* and their octets */
#define POSTSEAL_SMTP_CHUNK 262144 /* read, sent and, by BDAT, announced at once */

/* --- the daemon on the bus --- */
#define POSTSEAL_LIMIT_BUS_REQUESTS 256 /* of one caller, not yet answered */
#define POSTSEAL_LIMIT_BUS_MS 25000 /* an answer that needs no server: is there a daemon? */
#define POSTSEAL_BUS_CHANGES_MS 100 /* between two tellings of changes of one object */
