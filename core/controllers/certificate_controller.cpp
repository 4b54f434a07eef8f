// SPDX-License-Identifier: Apache-2.0
#include "controllers/certificate_controller.h"

#include "client/typed.h"

#include <algorithm>

namespace keelson::controllers {
namespace {

using Request = api::CertificateSigningRequest;
using std::chrono::hours;

constexpr hours settledFor{1};
constexpr hours pendingFor{24};
/// How soon a request is looked at again whose requester has no right to it: roles may come later.
constexpr std::chrono::seconds approvalAgainAfter{30};

const api::CertificateSigningRequestCondition* findCondition(const Request& request, std::string_view type)
{
    const auto found =
        std::ranges::find(request.status.conditions, type, &api::CertificateSigningRequestCondition::type);
    return found == request.status.conditions.end() ? nullptr : &*found;
}

bool isDecided(const Request& request)
{
    return findCondition(request, "Approved") || findCondition(request, "Denied");
}

/// A controller of requests, as the service account certificate-controller.
class CertificateController : public KeyedController {
public:
    CertificateController(const Context& context, std::string name)
        : KeyedController(context, std::move(name), {&context.informers.informer<Request>()}),
          m_client(context.clientOf("certificate-controller")),
          m_requests(context.informers.informer<Request>()),
          m_options(context.options)
    {
        m_requests.onChange([this](const auto&, const auto& now) {
            if (now)
                m_runner.add(keyOf(*now));
        });
    }

protected:
    Result<Done> write(const Request& request, std::string_view subresource, Pass& pass)
    {
        TRY_ASSIGN(const auto written, m_client.update(m_requests.kind(), toJson(request), subresource));
        pass.wrote(m_requests, written);
        return Done{};
    }

    static void addCondition(Request& request, std::string_view type, std::string_view reason, std::string message)
    {
        api::CertificateSigningRequestCondition condition;
        condition.type = type;
        condition.status = "True";
        condition.reason = reason;
        condition.message = std::move(message);
        request.status.conditions.push_back(std::move(condition));
    }

    client::Client& m_client;
    client::Informer<Request>& m_requests;
    const Options& m_options;
};

class CertificateApprover : public CertificateController {
public:
    explicit CertificateApprover(const Context& context) : CertificateController(context, "certificate-approver") {}

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto found = m_requests.find(key);
        if (!found || isDecided(*found) || !m_options.approvalOf)
            return Done{};
        auto why = m_options.approvalOf(found->spec);
        if (!why) {
            if (why.error().reason == Reason::Forbidden)
                pass.lookAgainAfter(approvalAgainAfter);
            return Done{};
        }
        auto approved = *found;
        addCondition(approved, "Approved", "AutoApproved", *std::move(why));
        return write(approved, "approval", pass);
    }
};

class CertificateSigner : public CertificateController {
public:
    explicit CertificateSigner(const Context& context) : CertificateController(context, "certificate-signer") {}

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto found = m_requests.find(key);
        if (!found || !m_options.signCertificate || !found->status.certificate.empty() ||
            !findCondition(*found, "Approved") || findCondition(*found, "Failed"))
            return Done{};
        auto certificate = m_options.signCertificate(found->spec);
        if (!certificate && certificate.error().reason == Reason::NotFound)
            return Done{}; // another's signer
        auto signedRequest = *found;
        if (certificate)
            signedRequest.status.certificate = *std::move(certificate);
        else
            addCondition(signedRequest, "Failed", "SignerValidationFailure", certificate.error().message);
        return write(signedRequest, "status", pass);
    }
};

class CertificateCleaner : public CertificateController {
public:
    explicit CertificateCleaner(const Context& context) : CertificateController(context, "certificate-cleaner") {}

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto found = m_requests.find(key);
        if (!found)
            return Done{};
        const auto& certificate = found->status.certificate;
        const auto end = certificateRequestEnd(*found, certificate.empty() || !m_options.certificateEnd
                                                           ? std::nullopt
                                                           : m_options.certificateEnd(certificate));
        if (!end)
            return Done{};
        const auto now = clock().wall();
        if (*end > now) {
            pass.lookAgainAfter(*end - now);
            return Done{};
        }
        const auto removed = m_client.remove(m_requests.kind(), key, {.uid = found->metadata.uid});
        if (!removed && removed.error().reason != Reason::NotFound && removed.error().reason != Reason::Conflict)
            return fail(removed.error());
        return Done{};
    }
};

} // namespace

std::optional<WallTime> certificateRequestEnd(const Request& request, std::optional<WallTime> certificateEnd)
{
    auto end = certificateEnd;
    const auto sooner = [&](WallTime time) { end = end ? std::min(*end, time) : time; };
    const auto made = request.metadata.creationTimestamp.value_or(WallTime{});
    for (const auto& condition : request.status.conditions) {
        const bool issued = condition.type == "Approved" && !request.status.certificate.empty();
        if (issued || condition.type == "Denied" || condition.type == "Failed")
            sooner(condition.lastUpdateTime.value_or(made) + settledFor);
    }
    if (request.status.conditions.empty())
        sooner(made + pendingFor);
    return end;
}

std::unique_ptr<Controller> makeCertificateApprover(const Context& context)
{
    return std::make_unique<CertificateApprover>(context);
}

std::unique_ptr<Controller> makeCertificateSigner(const Context& context)
{
    return std::make_unique<CertificateSigner>(context);
}

std::unique_ptr<Controller> makeCertificateCleaner(const Context& context)
{
    return std::make_unique<CertificateCleaner>(context);
}

} // namespace keelson::controllers
