// SPDX-License-Identifier: Apache-2.0
#include "controllers/account_token_controller.h"

#include "client/typed.h"

namespace keelson::controllers {
namespace {

constexpr auto nameAnnotation = "kubernetes.io/service-account.name";
constexpr auto uidAnnotation = "kubernetes.io/service-account.uid";

std::string annotationOf(const api::Secret& secret, const char* name)
{
    const auto found = secret.metadata.annotations.find(name);
    return found == secret.metadata.annotations.end() ? std::string() : found->second;
}

class AccountTokenController : public KeyedController {
public:
    explicit AccountTokenController(const Context& context)
        : KeyedController(
              context, "account-token",
              {&context.informers.informer<api::Secret>(selector), &context.informers.informer<api::ServiceAccount>()}),
          m_client(context.clientFor("system:kube-controller-manager")),
          m_rootCaPem(context.options.rootCaPem),
          m_makeToken(context.options.accountToken),
          m_secrets(context.informers.informer<api::Secret>(selector)),
          m_accounts(context.informers.informer<api::ServiceAccount>())
    {
        m_secrets.onChange([this](const auto&, const auto& now) {
            if (now)
                m_runner.add(keyOf(*now));
        });
        m_accounts.onChange([this](const auto& before, const auto& now) {
            const bool same = before && now && before->metadata.uid == now->metadata.uid;
            const auto account = keyOf(now ? *now : *before);
            for (const auto& secret :
                 same ? std::vector<client::Informer<api::Secret>::Ptr>() : m_secrets.inNamespace(account.nameSpace)) {
                if (annotationOf(*secret, nameAnnotation) == account.name)
                    m_runner.add(keyOf(*secret));
            }
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto secret = m_secrets.find(key);
        if (!secret || secret->metadata.deletionTimestamp)
            return Done{};
        // Asked, not looked up: what comes right after its account must not be taken for one without any.
        const ObjectKey name{key.nameSpace, annotationOf(*secret, nameAnnotation)};
        const auto account = client::get<api::ServiceAccount>(m_client, name);
        if (!account && account.error().reason != Reason::NotFound)
            return fail(account.error());
        const auto uid = annotationOf(*secret, uidAnnotation);
        if (!account || (!uid.empty() && uid != account->metadata.uid))
            return remove(*secret);
        TRY_ASSIGN(auto complete, completedTokenSecret(*secret, *account, m_rootCaPem, [&] {
                       return m_makeToken(name, account->metadata.uid, key.name);
                   }));
        if (complete == *secret)
            return Done{};
        TRY_ASSIGN(const auto written, m_client.update(m_secrets.kind(), toJson(complete)));
        pass.wrote(m_secrets, written);
        return Done{};
    }

private:
    static constexpr auto selector = "type=kubernetes.io/service-account-token";

    Result<Done> remove(const api::Secret& secret)
    {
        auto removed =
            m_client.remove(m_secrets.kind(), keyOf(secret),
                            {.uid = secret.metadata.uid, .resourceVersion = secret.metadata.resourceVersion});
        return !removed && removed.error().reason == Reason::NotFound ? Result<Done>(Done{}) : removed;
    }

    client::Client& m_client;
    const std::string m_rootCaPem;
    const decltype(Options::accountToken) m_makeToken;
    client::Informer<api::Secret>& m_secrets;
    client::Informer<api::ServiceAccount>& m_accounts;
};

} // namespace

Result<api::Secret> completedTokenSecret(api::Secret secret, const api::ServiceAccount& account,
                                         const std::string& rootCaPem,
                                         const std::function<Result<std::string>()>& token)
{
    if (!rootCaPem.empty())
        secret.data["ca.crt"] = rootCaPem;
    if (secret.data["namespace"].empty())
        secret.data["namespace"] = secret.metadata.namespace_;
    if (secret.data["token"].empty()) {
        TRY_ASSIGN(secret.data["token"], token());
    }
    secret.metadata.annotations[uidAnnotation] = account.metadata.uid;
    return secret;
}

std::unique_ptr<Controller> makeAccountTokenController(const Context& context)
{
    return std::make_unique<AccountTokenController>(context);
}

} // namespace keelson::controllers
