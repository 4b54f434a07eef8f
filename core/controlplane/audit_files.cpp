// SPDX-License-Identifier: Apache-2.0
#include "controlplane/audit_files.h"

#include "base/private_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::controlplane {

Result<std::unique_ptr<audit::AuditLog>> openAuditLog(const Options& options, const Clock& clock)
{
    if (options.auditPolicy.empty() && options.auditLog.empty())
        return std::unique_ptr<audit::AuditLog>();
    if (options.auditPolicy.empty() || options.auditLog.empty())
        return fail(Reason::Invalid, "an audit log needs a policy, and a policy a log: give both files or none");
    const auto inFile = [&](Error error) {
        error.reason = Reason::Invalid;
        error.message = fmt::format("the audit policy {}: {}", options.auditPolicy.string(), error.message);
        return fail(std::move(error));
    };
    const auto text = readFile(options.auditPolicy);
    if (!text)
        return inFile(text.error());
    auto policy = audit::Policy::parse(*text);
    if (!policy)
        return inFile(policy.error());
    constexpr std::size_t megabyte = std::size_t{1024} * 1024;
    return audit::AuditLog::open(
        {.policy = *std::move(policy),
         .file = {.path = options.auditLog,
                  .sizeBytesMax = static_cast<std::size_t>(std::max(options.auditMegabytesMax, 1)) * megabyte,
                  .ageDaysMax = options.auditDaysMax,
                  .filesMax = options.auditFilesMax,
                  .clock = &clock}});
}

} // namespace keelson::controlplane
