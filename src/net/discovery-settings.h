/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* discovery.conf: of the installation ($XDG_DATA_DIRS/postseal), and of the user and the site
   ($XDG_CONFIG_HOME/postseal, $XDG_CONFIG_DIRS/postseal), whose keys win. One group, [discovery].
 */
typedef struct
{
  char *list; /* "list": base of the Mozilla list, https, or "" for none */
  gboolean ask_list; /* "ask-list=yes": without asking the user first; default no, since it tells
                        the list's owner the domain */
  char *list_copy; /* "list-copy": a folder with the list's files, named for the domain; or NULL */
  char *ca_file; /* "ca-file": who else may vouch for https servers; or NULL */
  char *dns_server; /* "dns-server": "ADDRESS@PORT" instead of the system's; or NULL */
  char *dns_anchor; /* "dns-anchor": a file with the trust anchor; or NULL: the system's */
  guint https_port; /* "https-port": 443 unless told otherwise; for tests and closed networks */
  guint smtp_port; /* "smtp-port": the same for those who take a domain's mail, 25 */
  guint timeout_ms; /* "timeout": how long a search may take; 3s unless told otherwise */
} PostsealDiscoverySettings;

/* Blocks. Mistakes are warned of and ignored. Returns: (transfer full) */
PostsealDiscoverySettings *postseal_discovery_settings_load (void);
void postseal_discovery_settings_free (PostsealDiscoverySettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDiscoverySettings, postseal_discovery_settings_free)

/* What changes whenever one of the files does, comes or goes, so that they need not be read to see
   it. Blocks. Returns: (transfer full) */
char *postseal_discovery_settings_stamp (void);

G_END_DECLS
