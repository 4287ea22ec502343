/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How what has a name in C is called on the bus. */

#define POSTSEAL_BUS_ROOT "/org/postseal/Postseal1"
#define POSTSEAL_BUS_DAEMON_PATH POSTSEAL_BUS_ROOT "/daemon"
#define POSTSEAL_BUS_ACCOUNTS_PATH POSTSEAL_BUS_ROOT "/accounts/"

#define POSTSEAL_BUS_DAEMON "org.postseal.Daemon1"
#define POSTSEAL_BUS_ACCOUNT "org.postseal.Account1"
#define POSTSEAL_BUS_OUTBOX "org.postseal.Outbox1"

/* The object of the account @name. Returns: (transfer full) */
char *_postseal_bus_account_path (const char *name);

/* Whether "ReceiveState" is the name on the bus of "receive-state". */
gboolean _postseal_bus_is_property (const char *on_bus, const char *in_c);

/* The GObject property of @klass that is called @on_bus there. Returns: (nullable) (transfer none)
 */
GParamSpec *_postseal_bus_find_property (GObjectClass *klass, const char *on_bus);

G_END_DECLS
