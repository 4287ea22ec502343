/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <string>

namespace postseal_test
{

/* What is wrong with @text by the schema data/schema/@name, with the place; "" when nothing is.
   Knows of JSON Schema what the schemas here use: type, enum, properties, required,
   additionalProperties, items, anyOf and references into $defs. */
std::string find_schema_fault (const std::string &name, const std::string &text);

} // namespace postseal_test
