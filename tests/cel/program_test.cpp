// SPDX-License-Identifier: Apache-2.0
#include "cel/access.h"
#include "cel/program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::cel {
namespace {

/// What an expression gives, as text; "error: ..." or "refused: ...".
std::string valueOf(const std::string& text, std::string_view self = "null", const Type& type = dynType())
{
    const auto program = Program::compile(text, {{"self", &type}});
    if (!program) // the first line says it
        return "refused: " + program.error().message.substr(0, program.error().message.find('\n'));
    const auto document = api::parseYaml(self);
    EXPECT_TRUE(document) << self;
    Budget budget(100'000);
    const std::array values{Value::of(*document, type)};
    const auto value = program->evaluate(values, budget);
    if (!value)
        return "error: " + value.error().message;
    if (value->isList()) {
        std::string items;
        for (std::int64_t at = 0; at < value->size(); ++at)
            items += (at > 0 ? "," : "") + textOf(value->item(at)).value_or("?");
        return "[" + items + "]";
    }
    return textOf(*value).value_or(std::string(value->typeName()));
}

struct Row {
    const char* text;
    const char* expected;
};

std::string repeated(std::string_view text, int times)
{
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

/// Whoever may write a rule must not be able to end the server by the depth of it.
TEST(Cel, staysShallow)
{
    const std::string tooDeep = ": expression recursion limit exceeded: 250";
    for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
             {repeated("[", 249) + "1" + repeated("]", 249), "[?]"},
             {repeated("[", 250) + "1" + repeated("]", 250), "refused: ERROR: <input>:1:251" + tooDeep},
             {repeated("1||1&&1<1+1*[", 250), "refused: ERROR: <input>:1:3251" + tooDeep},
             {repeated("!", 249) + "true", "false"},
             {repeated("!", 250) + "true", "refused: ERROR: <input>:1:250" + tooDeep},
             {repeated("1+", 249) + "1", "250"},
             {repeated("1+", 8000) + "1", "refused: ERROR: <input>:1:502" + tooDeep},
             {"[" + repeated("1*1+", 200) + "1].map(x, x)[0]" + repeated("+1", 60),
              "refused: ERROR: <input>:1:909" + tooDeep},
             {"self" + repeated(".a", 8000), "refused: ERROR: <input>:1:505" + tooDeep},
             {"self" + repeated("[0]", 5000), "refused: ERROR: <input>:1:755" + tooDeep},
             {"[1]" + repeated(".map(x,x)", 1700), "refused: ERROR: <input>:1:2245" + tooDeep},
             {"[1]" + repeated(".filter(x,true)", 200), "[1]"},
             {repeated("true?1:", 249) + "1", "1"},
             {repeated("true?1:", 250) + "1", "refused: ERROR: <input>:1:1751" + tooDeep},
             {repeated("false||", 2300) + "true", "true"},
             {repeated("true&&", 2300) + "1==2", "false"},
             {repeated("true&&", 2300) + "1/0==1", "error: division by zero"},
             {repeated("(", 249) + "true" + repeated("||false)", 249), "true"},
         })
        EXPECT_EQ(valueOf(text), expected) << text.substr(0, 40);
}

TEST(Cel, computes)
{
    for (const auto& [text, expected] : {
             Row{"1 + 2 * 3", "7"},
             Row{"(1 + 2) * 3", "9"},
             Row{"7 / 2", "3"},
             Row{"-7 % 3", "-1"},
             Row{"1.5 + 1.5", "3"},
             Row{"0x10", "16"},
             Row{"5u + 1u", "6"},
             Row{"1 < 2 && 2u <= 2.0", "true"},
             Row{"true ? 'a' : 'b'", "a"},
             Row{"'a' + \"b\" + '''c'''", "abc"},
             Row{"r'\\d' + '\\n\\x41\\u00e4'", "\\d\nA\xC3\xA4"},
             Row{"!(1 in [1, 2])", "false"},
             Row{"'a' in {'a': 1}", "true"},
             Row{"{'a': 1}.a + {'b': 2}['b']", "3"},
             Row{"[1, 2] + [3]", "[1,2,3]"},
             Row{"[1, 2][1]", "2"},
             Row{"[1, 2] == [1, 2.0]", "true"},
             Row{"null == null", "true"},
             Row{"type(1) == int", "true"},
             Row{"9223372036854775807 + 1", "error: integer overflow"},
             Row{"1 / 0", "error: division by zero"},
             Row{"false && 1 / 0 == 1", "false"},
             Row{"1 / 0 == 1 || true", "true"},
             Row{"[1][5]", "error: index out of bounds: 5"},
             Row{"1 // a comment", "1"},
         })
        EXPECT_EQ(valueOf(text), expected) << text;
}

TEST(Cel, goesThroughLists)
{
    for (const auto& [text, expected] : {
             Row{"[1, 2, 3].all(x, x > 0)", "true"},
             Row{"[1, 2, 3].exists(x, x > 2)", "true"},
             Row{"[1, 2, 2].exists_one(x, x == 2)", "false"},
             Row{"[1, 2, 3].filter(x, x % 2 == 1)", "[1,3]"},
             Row{"[1, 2, 3].map(x, x * x)", "[1,4,9]"},
             Row{"[1, 2, 3].map(x, x > 1, x * 10)", "[20,30]"},
             Row{"{'a': 1, 'b': 2}.all(k, k < 'c')", "true"},
             Row{"[0, 1].exists(x, 1 / x == 1)", "true"},
             Row{"[[1, 2], [3]].all(l, l.exists(x, x < 4))", "true"},
             Row{"[3, 1, 2].max() + [3, 1].min() + [1, 2].sum()", "7"},
             Row{"['a', 'b'].isSorted() && !['b', 'a'].isSorted()", "true"},
             Row{"sets.contains([1, 2], [2]) && sets.equivalent([1], [1, 1]) && !sets.intersects([1], [2])", "true"},
             Row{"size([1, 2]) + 'abc'.size()", "5"},
             Row{"['a', 'b'].join('-')", "a-b"},
             Row{"'a,b,c'.split(',', 2)", "[a,b,c]"},
             Row{"'a,b,c'.split(',').size()", "3"},
         })
        EXPECT_EQ(valueOf(text), expected) << text;
}

TEST(Cel, knowsTextsTimesAndQuantities)
{
    for (const auto& [text, expected] : {
             Row{"'web-1'.startsWith('web') && 'a.b'.endsWith('.b') && 'abc'.contains('b')", "true"},
             Row{"'web-1'.matches('^[a-z]+-[0-9]$')", "true"},
             Row{"'x'.matches('(')", "error: error parsing regexp: missing ): ("},
             Row{"' Ab '.trim().lowerAscii() + 'c'.upperAscii()", "abC"},
             Row{"'a-b-c'.replace('-', '.', 1)", "a.b-c"},
             Row{"'\xC3\xA4\xC3\xB6\xC3\xBC'.substring(1, 2)", "\xC3\xB6"},
             Row{"'abcb'.indexOf('b') + 'abcb'.lastIndexOf('b')", "4"},
             Row{"'%s has %d'.format(['a', 3])", "a has 3"},
             Row{"int('7') + int(2.9)", "9"},
             Row{"string(1) + string(true)", "1true"},
             Row{"double('1.5') > 1.4", "true"},
             Row{"duration('90m') > duration('1h')", "true"},
             Row{"duration('90m').getMinutes()", "90"},
             Row{"timestamp('2026-03-01T10:20:30Z').getMonth()", "2"},
             Row{"timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z') == duration('24h')", "true"},
             Row{"quantity('1Gi').isGreaterThan(quantity('500Mi')) && !isQuantity('x')", "true"},
             Row{"quantity('1').compareTo(quantity('1000m'))", "0"},
             Row{"isURL('https://example.org') && !isURL('example')", "true"},
             Row{"optional.of(3).orValue(1) + optional.none().orValue(1)", "4"},
         })
        EXPECT_EQ(valueOf(text), expected) << text;
}

/// {name: string, size: int, list: [{k: string}], labels: {*: string}, any-thing: dyn}
const Type& objectType()
{
    static const Type text{.form = Type::Form::String};
    static const Type number{.form = Type::Form::Int};
    static const Type item{.form = Type::Form::Object, .members = {{"k", &text}}};
    static const Type list{.form = Type::Form::List, .items = &item};
    static const Type labels{.form = Type::Form::Map, .items = &text};
    static const Type type{.form = Type::Form::Object,
                           .members = {{"name", &text},
                                       {"size", &number},
                                       {"list", &list},
                                       {"labels", &labels},
                                       {"any__dash__thing", &dynType()}},
                           .names = {{"any__dash__thing", "any-thing"}}};
    return type;
}

TEST(Cel, readsDocumentsByTheirTypes)
{
    constexpr std::string_view self = "{name: a, size: 3, list: [{k: x}], labels: {l: v}, any-thing: 2}";
    for (const auto& [text, expected] : {
             Row{"self.name == 'a' && self.size == 3", "true"},
             Row{"self.list.all(i, i.k != '')", "true"},
             Row{"has(self.labels) && has(self.labels.l) && !has(self.labels.m)", "true"},
             Row{"self.labels['l'] + self.labels.l", "vv"},
             Row{"self.labels.m", "error: no such key: m"},
             Row{"self.labels.?m.orValue('none')", "none"},
             Row{"self.any__dash__thing == 2", "true"},
         })
        EXPECT_EQ(valueOf(text, self, objectType()), expected) << text;
    EXPECT_EQ(valueOf("!has(self.size)", "{name: a}", objectType()), "true");
}

TEST(Cel, refusesWhatIsNoExpression)
{
    for (const auto& [text, expected] : {
             Row{"1 +", "refused: ERROR: <input>:1:4: Syntax error: unexpected '<EOF>'"},
             Row{"self.", "refused: ERROR: <input>:1:6: Syntax error: unexpected '<EOF>'"},
             Row{"a == 1", "refused: ERROR: <input>:1:1: undeclared reference to 'a' (in container '')"},
             Row{"self.foo == 1", "refused: ERROR: <input>:1:5: undefined field 'foo'"},
             Row{"self.list.all(i, i.z == '')", "refused: ERROR: <input>:1:19: undefined field 'z'"},
             Row{"self.name == 1", "refused: ERROR: <input>:1:11: found no matching overload for '_==_'"},
             Row{"self.name.foo", "refused: ERROR: <input>:1:10: type does not support field selection"},
             Row{"self.size.all(x, true)",
                 "refused: ERROR: <input>:1:10: expression cannot be range of a comprehension (must be list, map, or "
                 "dynamic)"},
             Row{"proto('x')", "refused: ERROR: <input>:1:1: undeclared reference to 'proto' (in container '')"},
             Row{"'a'.startsWith()", "refused: ERROR: <input>:1:4: found no matching overload for 'startsWith'"},
             Row{"has(self)", "refused: ERROR: <input>:1:1: invalid argument to has() macro"},
             Row{"'a",
                 "refused: ERROR: <input>:1:1: Syntax error: token recognition error at: a text that does not end"},
             Row{"for", "refused: ERROR: <input>:1:1: reserved identifier: for"},
             Row{"1\n  $", "refused: ERROR: <input>:2:3: Syntax error: token recognition error"},
         })
        EXPECT_EQ(valueOf(text, "{}", objectType()), expected) << text;
    EXPECT_EQ(valueOf(std::string(1000, '(') + "1" + std::string(1000, ')')),
              "refused: ERROR: <input>:1:251: expression recursion limit exceeded: 250");
}

TEST(Cel, marksThePlaceOfAnError)
{
    const auto program = Program::compile("true &&\n\t'\xC3\xA4' == foo", {});
    ASSERT_FALSE(program);
    EXPECT_EQ(program.error().message, "ERROR: <input>:2:9: undeclared reference to 'foo' (in container '')\n"
                                       " |  '\xC3\xA4' == foo\n"
                                       " | ........^");
}

TEST(Cel, knowsAddresses)
{
    for (const auto& [text, expected] : {
             Row{"isIP('127.0.0.1') && isIP('::1') && !isIP('127.0.0.256') && !isIP('fe80::1%en0')", "true"},
             Row{"isIP('::ffff:1.2.3.4')", "false"},
             Row{"ip('127.0.0.1').family() + ip('::1').family()", "10"},
             Row{"string(ip('2001:db8:0::1'))", "2001:db8::1"},
             Row{"ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')", "true"},
             Row{"ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified()", "true"},
             Row{"ip('127.3.0.1').isLoopback() && ip('::1').isLoopback() && !ip('10.0.0.1').isLoopback()", "true"},
             Row{"ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast()", "true"},
             Row{"ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast()", "true"},
             Row{"ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()", "true"},
             Row{"ip('127.0.0.1') == ip('127.0.0.1') && ip('127.0.0.1') != ip('::1')", "true"},
             Row{"ip('x')", "error: IP Address \"x\" parse error during conversion from string: ParseAddr(\"x\"): "
                            "unable to parse IP"},
             Row{"isCIDR('192.168.0.0/24') && isCIDR('::1/128') && !isCIDR('192.168.0.0/33') && !isCIDR('10.0.0.1')",
                 "true"},
             Row{"cidr('192.168.0.0/24').containsIP('192.168.0.9') && "
                 "!cidr('192.168.0.0/24').containsIP(ip('192.168.1.9'))",
                 "true"},
             Row{"cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && "
                 "!cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))",
                 "true"},
             Row{"string(cidr('192.168.7.9/20').masked()) + ' ' + string(cidr('192.168.7.9/20').ip())",
                 "192.168.0.0/20 192.168.7.9"},
             Row{"cidr('::1/128').prefixLength()", "128"},
             Row{"type(ip('::1')) == type(cidr('::1/128'))", "false"},
         })
        EXPECT_EQ(valueOf(text), expected) << text;
}

TEST(Cel, knowsUrlsAndFormats)
{
    constexpr auto whole = "url('https://user:pw@example.com:80/a%20b?k=1&l=x+y&k=2')";
    for (const auto& [text, expected] : {
             std::pair{std::string(whole) + ".getScheme()", "https"},
             {std::string(whole) + ".getHost()", "example.com:80"},
             {std::string(whole) + ".getHostname()", "example.com"},
             {std::string(whole) + ".getPort()", "80"},
             {std::string(whole) + ".getEscapedPath()", "/a%20b"},
             {std::string(whole) + ".getQuery().k", "[1,2]"},
             {std::string(whole) + ".getQuery()['l']", "[x y]"},
             {"url('https://[::1]:8080/').getHostname()", "::1"},
             {"url('/path').getScheme() + url('/path').getEscapedPath()", "/path"},
             {"url('https://a/') == url('https://a/')", "true"},
             {"isURL('https://example.com:80/') && isURL('/x') && !isURL('https://a:b/') && !isURL('../x')", "true"},
             {"url('x')", "error: URL parse error during conversion from string: parse \"x\": invalid URI for request"},
             {"format.named('dns1123Label').hasValue() && !format.named('x').hasValue()", "true"},
             {"format.dns1123Label().validate('web-1').hasValue()", "false"},
             {"format.dns1123Label().validate('Web').value().size()", "1"},
             {"format.dns1123LabelPrefix().validate('web-').hasValue()", "false"},
             {"format.named('labelValue').value().validate('a b').hasValue()", "true"},
             {"format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()", "false"},
             {"format.uuid().validate('123').value()", "[does not match the UUID format]"},
             {"format.byte().validate('aGVsbG8=').hasValue() || format.date().validate('2026-02-03').hasValue()",
              "false"},
             {"format.date().validate('2026-02-30').value()", "[invalid date]"},
             {"format.datetime().validate('2026-02-03T00:00:00Z').hasValue()", "false"},
             {"format.qualifiedName().validate('example.org/name').hasValue()", "false"},
             {"'abc 123 def 456'.find('[0-9]+')", "123"},
             {"'abc 123 def 456'.findAll('[0-9]+')", "[123,456]"},
             {"'abc 123 def 456'.findAll('[0-9]+', 1)", "[123]"},
             {"'abc'.findAll('[0-9]+')", "[]"},
             {"'aab'.findAll('a*')", "[aa,]"},
         })
        EXPECT_EQ(valueOf(text), expected) << text;
}

TEST(Cel, asksWhatAUserMay)
{
    const auto check = [](const AccessQuestion& question) -> AccessAnswer {
        const auto asked = fmt::format("{}{} {}{}/{}/{} {}/{} {}", question.accountNamespace, question.accountName,
                                       question.path, question.group, question.resource, question.subresource,
                                       question.nameSpace, question.name, question.verb);
        return {question.verb == "get", asked};
    };
    const auto asked = [&](const std::string& text) {
        const auto program =
            Program::compile(text, {{"authorizer", &dynType()}, {"authorizer.requestResource", &dynType()}});
        if (!program)
            return "refused: " + program.error().message;
        Budget budget(1000);
        const std::array values{authorizerOf(check), resourceCheckOf(check, {.resource = "pods", .name = "web"})};
        const auto value = program->evaluate(values, budget);
        return value ? textOf(*value).value_or("?") : "error: " + value.error().message;
    };
    for (const auto& [text, expected] : {
             Row{"authorizer.path('/healthz').check('get').allowed()", "true"},
             Row{"authorizer.path('/healthz').check('put').allowed()", "false"},
             Row{"authorizer.group('apps').resource('deployments').subresource('scale').namespace('d').name('n')"
                 ".check('get').reason()",
                 " apps/deployments/scale d/n get"},
             Row{"authorizer.serviceAccount('d', 'a').group('').resource('pods').check('get').reason()",
                 "da /pods/ / get"},
             Row{"authorizer.requestResource.check('get').reason()", " /pods/ /web get"},
             Row{"authorizer.group('').resource('pods').fieldSelector('a=b').labelSelector('c=d').check('get').allowed("
                 ")",
                 "true"},
             Row{"authorizer.path('/').check('get').errored() || authorizer.path('/').check('get').error() != ''",
                 "false"},
             Row{"authorizer.path(' ').check('get').allowed()", "error: path must not be empty"},
             Row{"authorizer.group('').resource('').check('get').allowed()", "error: resource must not be empty"},
             Row{"authorizer.serviceAccount('a b', 'c').path('/').check('get').allowed()",
                 "error: Invalid service account namespace"},
             Row{"authorizer.check('get').allowed()", "error: no such overload: check"},
         })
        EXPECT_EQ(asked(text), expected) << text;
}

TEST(Cel, endsWhenItsBudgetIsSpent)
{
    EXPECT_EQ(valueOf("[1,2,3,4,5,6,7,8,9,0].all(a, [1,2,3,4,5,6,7,8,9,0].all(b, [1,2,3,4,5,6,7,8,9,0].all(c, "
                      "[1,2,3,4,5,6,7,8,9,0].all(d, [1,2,3,4,5,6,7,8,9,0].all(e, true)))))"),
              "error: operation cancelled: actual cost limit exceeded");
}

} // namespace
} // namespace keelson::cel
