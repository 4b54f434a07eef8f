// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/options.h"

#include "models/kind_info.h"

#include <QCommandLineParser>

namespace keelson::ui {

namespace {

const QStringList docksOfObject{QStringLiteral("yaml"), QStringLiteral("logs"), QStringLiteral("events"),
                                QStringLiteral("rollouts")};
const QStringList docksOfManifest{QStringLiteral("apply"), QStringLiteral("compare"), QStringLiteral("proposals")};

/// What is wrong with `--dock`; empty: nothing.
QString wrongDock(const Options& options)
{
    const auto& word = options.dock;
    if (docksOfObject.contains(word))
        return options.select.isEmpty() ? QStringLiteral("--dock %1 wants --select").arg(word) : QString();
    if (docksOfManifest.contains(word))
        return options.open.isEmpty() ? QStringLiteral("--dock %1 wants --open").arg(word) : QString();
    return QStringLiteral("--dock is one of %1; got \"%2\"")
        .arg((docksOfObject + docksOfManifest).join(QStringLiteral(", ")), word);
}

void declare(QCommandLineParser& parser)
{
    const auto text = [](const char* words) { return QCoreApplication::translate("Options", words); };
    parser.setApplicationDescription(text("Design, deploy and look after services on a Kubernetes cluster."));
    parser.addOptions({
        {QStringLiteral("kubeconfig"), text("The kubeconfig to open; default: $KUBECONFIG, or ~/.kube/config."),
         QStringLiteral("file")},
        {QStringLiteral("context"), text("The context to use; default: the current one."), QStringLiteral("name")},
        {QStringLiteral("page"),
         text("The page to show: overview, topology, designer, trace, learn, manifests, or a kind such as pods."),
         QStringLiteral("name")},
        {QStringLiteral("select"), text("The object to select on that page."), QStringLiteral("name")},
        {QStringLiteral("filter"), text("The text of that page's filter box."), QStringLiteral("text")},
        {QStringLiteral("dock"),
         text("What to open for the selected object: yaml, logs, events or rollouts; for an open manifest: apply, "
              "compare "
              "or proposals."),
         QStringLiteral("tab")},
        {QStringLiteral("open"), text("A manifest, or a folder of them, to open; may be given several times."),
         QStringLiteral("path")},
        {QStringLiteral("screenshot"), text("Render the page into a PNG file and end."), QStringLiteral("file")},
        {QStringLiteral("size"), text("The size of the window, as in 1440x900."), QStringLiteral("size")},
        {QStringLiteral("theme"), text("light or dark."), QStringLiteral("name")},
    });
    parser.addHelpOption();
    parser.addVersionOption();
}

} // namespace

QString helpText()
{
    QCommandLineParser parser;
    declare(parser);
    return parser.helpText();
}

Result<Options> readOptions(const QStringList& arguments)
{
    QCommandLineParser parser;
    declare(parser);
    const auto bad = [](const QString& message) { return fail(Reason::BadRequest, message.toStdString()); };
    if (!parser.parse(arguments))
        return bad(parser.errorText());
    if (!parser.positionalArguments().isEmpty())
        return bad(QStringLiteral("unexpected argument \"%1\"").arg(parser.positionalArguments().first()));
    Options options;
    options.helpShown = parser.isSet(QStringLiteral("help"));
    if (parser.isSet(QStringLiteral("version")))
        parser.showVersion();
    options.kubeconfig = parser.value(QStringLiteral("kubeconfig"));
    options.context = parser.value(QStringLiteral("context"));
    options.page = parser.value(QStringLiteral("page")).toLower();
    options.screenshot = parser.value(QStringLiteral("screenshot"));
    options.select = parser.value(QStringLiteral("select"));
    options.filter = parser.value(QStringLiteral("filter"));
    options.dock = parser.value(QStringLiteral("dock"));
    options.open = parser.values(QStringLiteral("open"));
    if (parser.isSet(QStringLiteral("dock")))
        if (const auto wrong = wrongDock(options); !wrong.isEmpty())
            return bad(wrong);
    if (!options.open.isEmpty() && options.page.isEmpty())
        options.page = QStringLiteral("manifests");
    static const QStringList ownPages{
        QStringLiteral("overview"), QStringLiteral("topology"),  QStringLiteral("designer"), QStringLiteral("trace"),
        QStringLiteral("learn"),    QStringLiteral("manifests"), QStringLiteral("welcome"),  QStringLiteral("create")};
    if (!options.page.isEmpty() && !ownPages.contains(options.page)) {
        const auto* kind = findKind(options.page);
        if (!kind)
            return bad(QStringLiteral("there is no page \"%1\"").arg(options.page));
        options.page = kind->id;
    }
    if (const auto text = parser.value(QStringLiteral("size")); !text.isEmpty()) {
        const auto parts = text.split(QLatin1Char('x'));
        options.size = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
        if (options.size.width() < 320 || options.size.height() < 240 || options.size.width() > 8192 ||
            options.size.height() > 8192)
            return bad(QStringLiteral("--size wants a width and a height, as in 1440x900; got \"%1\"").arg(text));
    }
    if (const auto text = parser.value(QStringLiteral("theme")); !text.isEmpty()) {
        if (text != QLatin1String("light") && text != QLatin1String("dark"))
            return bad(QStringLiteral("--theme is light or dark; got \"%1\"").arg(text));
        options.theme = text == QLatin1String("dark") ? ThemeMode::Dark : ThemeMode::Light;
    }
    return options;
}

} // namespace keelson::ui
