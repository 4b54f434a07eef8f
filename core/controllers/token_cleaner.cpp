// SPDX-License-Identifier: Apache-2.0
#include "controllers/token_cleaner.h"

#include "api/core_v1.h"
#include "client/typed.h"

namespace keelson::controllers {
namespace {

class TokenCleaner : public KeyedController {
public:
    explicit TokenCleaner(const Context& context)
        : KeyedController(context, "token-cleaner", {&context.informers.informer<api::Secret>(selector)}),
          m_client(context.clientOf("token-cleaner")),
          m_secrets(context.informers.informer<api::Secret>(selector))
    {
        m_secrets.onChange([this](const auto&, const auto& now) {
            if (now)
                m_runner.add(keyOf(*now));
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto secret = m_secrets.find(key);
        if (!secret || !secret->data.contains("expiration"))
            return Done{};
        // A time that cannot be read is over: the token is good for nobody any more.
        const auto end = parseTime(secret->data.at("expiration")).value_or(WallTime{});
        const auto now = clock().wall();
        if (end > now) {
            pass.lookAgainAfter(end - now);
            return Done{};
        }
        const auto removed = m_client.remove(m_secrets.kind(), key, {.uid = secret->metadata.uid});
        if (!removed && removed.error().reason != Reason::NotFound && removed.error().reason != Reason::Conflict)
            return fail(removed.error());
        return Done{};
    }

private:
    static constexpr auto selector = "type=bootstrap.kubernetes.io/token,metadata.namespace=kube-system";

    client::Client& m_client;
    client::Informer<api::Secret>& m_secrets;
};

} // namespace

std::unique_ptr<Controller> makeTokenCleaner(const Context& context)
{
    return std::make_unique<TokenCleaner>(context);
}

} // namespace keelson::controllers
