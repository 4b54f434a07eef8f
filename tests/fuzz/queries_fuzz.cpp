// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "api/cron_schedule.h"
#include "api/duration.h"
#include "api/json_path.h"
#include "api/quantity.h"
#include "api/selector.h"
#include "apiserver/http_message.h"
#include "apiserver/request_info.h"
#include "fuzz/fuzzing.h"

// Input: a byte that chooses, then a small text as it stands in requests and objects: a selector, a query, a path, a
// quantity, a duration, a schedule, a JSONPath, base64.

namespace {

using namespace keelson;
using fuzz::check;

void labels(std::string_view text)
{
    const auto selector = api::LabelSelector::parse(text);
    if (!selector)
        return;
    const auto again = api::LabelSelector::parse(selector->text());
    check(again && again->requirements() == selector->requirements());
    (void)selector->matches(api::Labels{{"app", "web"}, {"tier", "2"}});
}

void fields(std::string_view text)
{
    const api::Value pod = api::Object{{"metadata", api::Object{{"name", "web"}}}, {"spec", api::Object{}}};
    if (const auto selector = api::FieldSelector::parse(text))
        (void)selector->matches(pod);
}

void quantity(std::string_view text)
{
    const auto amount = api::Quantity::parse(text);
    if (!amount)
        return;
    const auto canonical = amount->text();
    const auto again = api::Quantity::parse(canonical);
    check(again && *again == *amount && again->text() == canonical);
    (void)(*amount + *amount).text();
    (void)(*amount - *amount).milli();
}

void request(std::string_view text)
{
    apiserver::Request request;
    request.method = "GET";
    request.target = text;
    request.path = apiserver::percentDecoded(text.substr(0, text.find('?')));
    if (const auto mark = text.find('?'); mark != std::string_view::npos)
        request.query = apiserver::Query::parse(text.substr(mark + 1));
    const auto info = apiserver::readRequest(request);
    (void)info.attributes();
    (void)request.query.number("limit");
    (void)request.query.flag("watch");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr unsigned choices = 8;
    auto text = fuzz::textOf(data, size);
    switch (fuzz::takeChoice(text) % choices) {
    case 0:
        labels(text);
        break;
    case 1:
        fields(text);
        break;
    case 2:
        quantity(text);
        break;
    case 3:
        request(text);
        break;
    case 4:
        (void)api::parseDuration(text);
        break;
    case 5:
        (void)api::CronSchedule::parse(text);
        break;
    case 6:
        (void)api::evaluateJsonPath(
            api::Object{{"status", api::Object{{"conditions", api::Array{api::Object{{"type", "Ready"}}}}}}}, text);
        break;
    default:
        if (const auto bytes = api::decodeBase64(text))
            check(api::decodeBase64(api::encodeBase64(*bytes)) == bytes);
    }
    return 0;
}
