// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace keelson::apiserver {

/// Code points of all warnings of an answer. Over this each is cut to `warningLengthMax`, and those that still have no
/// room are left out: clients refuse answers whose headers are too many or too long. Kubernetes' limits.
inline constexpr std::size_t warningsLengthMax = std::size_t{4} * 1024;
inline constexpr std::size_t warningLengthMax = 256;

/// The values of the headers Warning (RFC 7234, section 5.5) that tell these texts, each text once: `299 - "text"`.
std::vector<std::string> warningHeaders(const std::vector<std::string>& texts);

} // namespace keelson::apiserver
