// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace keelson::bench {

/// One line of a benchmark's result.
struct Figure {
    std::string name; ///< "api get, 16 connections"
    double value = 0;
    std::string unit; ///< "requests/s"
    double p50 = 0;   ///< Of single operations, in ms; all three 0 where there is no distribution.
    double p99 = 0;
    double max = 0;
    std::string target; ///< From the targets: "40,000"; may be empty.
};

/// Prints a table, then one line of JSON with machine, kernel, cores, build and commit.
void print(const std::string& bench, const std::vector<Figure>& figures);

} // namespace keelson::bench
