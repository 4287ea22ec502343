/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The library for other programs: retrieve and send sealed mail from a GLib main loop.

   One object does everything: a PostsealService (engine/service.h). Take the daemon's with
   postseal_client_new_async(), or where there is none work in this process with
   postseal_engine_new(); a program that has one need not know which. Accounts are those of
   accounts.conf; each has a PostsealAccountStatus (engine/account-status.h) with properties that
   notify. Everything happens in the thread-default main context of the maker and never blocks.

   data/example/fetch-account.c of the sources is a whole program. */
#include "client/client.h"
#include "engine/account-status.h"
#include "engine/engine.h"
#include "engine/service.h"
#include "engine/world.h"
#include "net/seal.h"
