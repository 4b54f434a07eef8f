// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace YAML {
class Parser;
}

namespace keelson::api {

/// Reads on behind the first document. Throws YAML::ParserException where anything but blanks, comments and empty
/// documents follows; also where the parser stands still: behind a flow collection it takes a comma for an empty
/// document, again and again.
void requireNoMoreDocuments(YAML::Parser& parser);

} // namespace keelson::api
