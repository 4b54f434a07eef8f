// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::network {

/// Runs a program (found in PATH) to its end, feeds it `input` and gives back what it wrote to standard output.
/// Blocks for at most `limit`, then kills it. Any thread.
/// `NotFound` when there is no such program; `Timeout`; `Forbidden` when it complains of missing rights; else
/// `InternalError` with the first lines of its standard error.
Result<std::string> runProgram(const std::vector<std::string>& command, std::string_view input,
                               Milliseconds limit = Milliseconds{30'000});

/// Hands rules to the kernel. An interface so that the node network can be tested without one.
class RuleApplier {
public:
    virtual ~RuleApplier() = default;
    /// Applies the text as one transaction: all of it, or nothing.
    virtual Result<Done> apply(const std::string& rules) = 0;
};

/// Through `nft -f -`.
class NftProgram : public RuleApplier {
public:
    explicit NftProgram(std::string program) : m_program(std::move(program)) {}
    Result<Done> apply(const std::string& rules) override;

private:
    std::string m_program;
};

} // namespace keelson::network
