// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/keelson_style.h"

#include "widgets/icons.h"
#include "widgets/status_delegate.h"
#include "widgets/theme.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QHeaderView>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QStyleOption>
#include <QToolButton>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr qreal radius = 5;
constexpr int headerPadding = 6; // with the margin of Qt it is that of the cells below
constexpr int arrowGap = 6;
constexpr int menuArrow = 8;
constexpr int toolPadding = 7;     ///< Beside the words of a tool button.
constexpr int toolGap = 6;         ///< Between its icon and its words.
constexpr int separatorHeight = 9; // of a menu

void box(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& line)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(line.isValid() ? QPen(line) : QPen(Qt::NoPen));
    painter->setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    painter->drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    painter->restore();
}

void button(QPainter* painter, const QStyleOption& option)
{
    const auto& tokens = Theme::tokens();
    const auto* push = qstyleoption_cast<const QStyleOptionButton*>(&option);
    const bool isMain = push && push->features.testFlag(QStyleOptionButton::DefaultButton);
    const bool isEnabled = option.state.testFlag(QStyle::State_Enabled);
    auto fill = isMain && isEnabled ? tokens.accent : tokens.surface;
    if (isEnabled && option.state.testFlag(QStyle::State_MouseOver))
        fill = isMain ? mixed(tokens.accent, tokens.text, 0.12) : tokens.hover;
    if (option.state.testFlag(QStyle::State_Sunken) || option.state.testFlag(QStyle::State_On))
        fill = isMain ? mixed(tokens.accent, tokens.text, 0.25) : tokens.selection;
    const bool hasFocus =
        option.state.testFlag(QStyle::State_HasFocus) && option.state.testFlag(QStyle::State_KeyboardFocusChange);
    box(painter, option.rect, fill, hasFocus ? tokens.accent : isMain ? fill : tokens.border);
}

void toolButton(QPainter* painter, const QStyleOption& option)
{
    const auto& tokens = Theme::tokens();
    QColor fill;
    if (option.state.testFlag(QStyle::State_On) || option.state.testFlag(QStyle::State_Sunken))
        fill = tokens.selection;
    else if (option.state.testFlag(QStyle::State_MouseOver) && option.state.testFlag(QStyle::State_Enabled))
        fill = tokens.hover;
    if (fill.isValid())
        box(painter, option.rect, fill, {});
}

bool hasIconAndWords(const QStyleOptionToolButton& tool)
{
    return tool.toolButtonStyle == Qt::ToolButtonTextBesideIcon && !tool.icon.isNull() && !tool.text.isEmpty();
}

/// The width of a tool button with an icon and words, and with an arrow when it has a menu.
int toolWidth(const QStyleOptionToolButton& tool)
{
    const bool hasMenu = tool.features.testFlag(QStyleOptionToolButton::HasMenu);
    return 2 * toolPadding + tool.iconSize.width() + toolGap +
           tool.fontMetrics.size(Qt::TextShowMnemonic, tool.text).width() + (hasMenu ? 2 * menuArrow : 0);
}

void toolLabel(QPainter* painter, const QStyleOptionToolButton& tool, const QStyle& style)
{
    const bool isEnabled = tool.state.testFlag(QStyle::State_Enabled);
    const int frame = style.pixelMetric(QStyle::PM_DefaultFrameWidth, &tool); // is off already
    const auto inside = tool.rect.adjusted(toolPadding - frame, 0, frame - toolPadding, 0);
    const auto place = [&](int from, int width) {
        return QStyle::visualRect(tool.direction, tool.rect,
                                  QRect(inside.left() + from, inside.top(), width, inside.height()));
    };
    const int iconWidth = tool.iconSize.width();
    tool.icon.paint(painter, place(0, iconWidth), Qt::AlignCenter, isEnabled ? QIcon::Normal : QIcon::Disabled,
                    tool.state.testFlag(QStyle::State_On) ? QIcon::On : QIcon::Off);
    const int left = iconWidth + toolGap;
    style.drawItemText(painter, place(left, inside.width() - left),
                       Qt::AlignVCenter | Qt::AlignLeft | Qt::TextShowMnemonic, tool.palette, isEnabled, tool.text,
                       QPalette::ButtonText);
}

void tabShape(QPainter* painter, const QStyleOptionTab& tab)
{
    const auto& tokens = Theme::tokens();
    if (tab.state.testFlag(QStyle::State_Selected)) {
        painter->fillRect(tab.rect, tokens.surface);
        painter->fillRect(QRect(tab.rect.left(), tab.rect.top(), tab.rect.width(), 2), tokens.accent);
    } else if (tab.state.testFlag(QStyle::State_MouseOver)) {
        painter->fillRect(tab.rect, tokens.hover);
    }
}

void headerSection(QPainter* painter, const QStyleOptionHeader& header)
{
    const auto& tokens = Theme::tokens();
    painter->fillRect(header.rect, header.state.testFlag(QStyle::State_MouseOver) ? tokens.hover : tokens.surface);
    painter->fillRect(QRect(header.rect.left(), header.rect.bottom(), header.rect.width(), 1), tokens.border);
}

int headerEdge(const QStyleOptionHeader& header)
{
    const bool isFirst =
        header.position == QStyleOptionHeader::Beginning || header.position == QStyleOptionHeader::OnlyOneSection;
    return headerPadding + (isFirst ? StatusDelegate::edge : 0);
}

/// What the first and the last heading have more than the others, when its size is asked for.
int headerEdges(const QStyleOption* option, const QWidget* widget)
{
    const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
    const auto* view = qobject_cast<const QHeaderView*>(widget);
    if (!header || !view)
        return 0;
    const int place = view->visualIndex(header->section);
    return (place == 0 ? StatusDelegate::edge : 0) + (place == view->count() - 1 ? StatusDelegate::edge : 0);
}

bool isLastHeading(const QStyleOptionHeader& header)
{
    return header.position == QStyleOptionHeader::End || header.position == QStyleOptionHeader::OnlyOneSection;
}

/// Where the cells below a heading end, in the view.
int cellsEnd(const QStyleOptionHeader& header, const QHeaderView& view)
{
    return view.sectionViewportPosition(header.section) + view.sectionSize(header.section) - headerPadding -
           view.style()->pixelMetric(QStyle::PM_HeaderMargin, &header, &view) -
           (isLastHeading(header) ? StatusDelegate::edge : 0);
}

/// The place of the arrow of the column that is sorted by: behind the words, since a wide column ends at those of the
/// next; where the words stand at the right, above the end of the cells. `header.rect` is where Qt wants it: at the
/// end of the column.
QRect behindWords(const QStyleOptionHeader& header, const QHeaderView* view)
{
    auto rect = header.rect;
    if (view && header.textAlignment.testFlag(Qt::AlignRight))
        rect.moveRight(std::min(rect.right(), cellsEnd(header, *view)));
    if (!view || !header.textAlignment.testFlag(Qt::AlignLeft))
        return rect;
    const int words = view->sectionViewportPosition(header.section) + headerEdge(header) +
                      view->style()->pixelMetric(QStyle::PM_HeaderMargin, &header, view);
    rect.moveLeft(std::min(rect.left(), words + header.fontMetrics.horizontalAdvance(header.text) + arrowGap));
    return rect;
}

void checkBox(QPainter* painter, const QStyleOption& option)
{
    constexpr int size = 15;
    const auto& tokens = Theme::tokens();
    const bool isEnabled = option.state.testFlag(QStyle::State_Enabled);
    const bool isOn = option.state.testFlag(QStyle::State_On);
    const bool isPart = option.state.testFlag(QStyle::State_NoChange);
    const auto ground = isEnabled ? tokens.accent : tokens.muted;
    QRect square(0, 0, size, size);
    square.moveCenter(option.rect.center());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(isOn || isPart ? ground : isEnabled ? mixed(tokens.muted, tokens.surface, 0.15) : tokens.border);
    painter->setBrush(isOn || isPart ? ground : tokens.surface);
    painter->drawRoundedRect(QRectF(square).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    if (isPart)
        painter->fillRect(QRectF(square).adjusted(4, 6.5, -4, -6.5), tokens.accentText);
    painter->restore();
    if (isOn)
        paintIcon(*painter, QRectF(square).adjusted(1, 1, -1, -1), QStringLiteral("check"), tokens.accentText);
}

/// What is to be painted behind a scroll bar: what its view paints behind its contents; nothing when the view shows
/// what lies behind itself.
QColor behind(const QWidget* scrollBar)
{
    for (const auto* widget = scrollBar; widget; widget = widget->parentWidget())
        if (const auto* area = qobject_cast<const QAbstractScrollArea*>(widget)) {
            const auto* view = area->viewport();
            return view->autoFillBackground() ? view->palette().color(view->backgroundRole()) : QColor();
        }
    return {};
}

void scrollBar(QPainter* painter, const QStyleOptionSlider& slider, QRect handle, const QWidget* widget)
{
    const auto& tokens = Theme::tokens();
    if (const auto color = behind(widget); color.isValid())
        painter->fillRect(slider.rect, color);
    if (slider.minimum == slider.maximum)
        return;
    const bool isUnder = slider.state.testFlag(QStyle::State_MouseOver) || slider.state.testFlag(QStyle::State_Sunken);
    handle.adjust(2, 2, -2, -2);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(mixed(tokens.border, tokens.text, isUnder ? 0.35 : 0.15));
    const qreal round = std::min(handle.width(), handle.height()) / 2.0;
    painter->drawRoundedRect(handle, round, round);
    painter->restore();
}

/// A small arrow that says that there is more: `rect` is its place.
void arrow(QPainter* painter, const QRect& rect, bool isUp, const QColor& color)
{
    const QPointF middle = QRectF(rect).center();
    const qreal half = 3.5;
    const qreal rise = isUp ? -2 : 2;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(color);
    painter->drawPolygon(
        QPolygonF({middle + QPointF(-half, -rise), middle + QPointF(half, -rise), middle + QPointF(0, rise)}));
    painter->restore();
}

} // namespace

KeelsonStyle::KeelsonStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void KeelsonStyle::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    if (qobject_cast<QScrollBar*>(widget))
        widget->setAttribute(Qt::WA_OpaquePaintEvent, false); // what is behind may show through
}

void KeelsonStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                 const QWidget* widget) const
{
    const auto& tokens = Theme::tokens();
    switch (element) {
    case PE_PanelButtonCommand:
        button(painter, *option);
        return;
    case PE_PanelButtonTool:
        toolButton(painter, *option);
        return;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        checkBox(painter, *option);
        return;
    case PE_PanelLineEdit: {
        const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        if (frame && frame->lineWidth == 0) {
            painter->fillRect(option->rect, option->palette.brush(QPalette::Base));
            return;
        }
        box(painter, option->rect, option->palette.color(QPalette::Base),
            option->state.testFlag(State_HasFocus) ? tokens.accent : tokens.border);
        return;
    }
    case PE_FrameFocusRect:
        if (option->state.testFlag(State_KeyboardFocusChange))
            box(painter, option->rect, {}, tokens.accent);
        return;
    case PE_Frame:
    case PE_FrameGroupBox:
        box(painter, option->rect, {}, tokens.border);
        return;
    case PE_PanelScrollAreaCorner:
        if (const auto color = behind(widget); color.isValid())
            painter->fillRect(option->rect, color);
        return;
    case PE_IndicatorHeaderArrow:
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
            auto copy = *header;
            copy.rect = behindWords(*header, qobject_cast<const QHeaderView*>(widget));
            QProxyStyle::drawPrimitive(element, &copy, painter, widget);
        }
        return;
    case PE_FrameTabBarBase:
    case PE_FrameTabWidget:
    case PE_FrameStatusBarItem:
        return;
    case PE_IndicatorTabClose:
        if (option->state.testFlag(State_MouseOver))
            box(painter, option->rect, tokens.hover, {});
        paintIcon(*painter, QRectF(option->rect).adjusted(2, 2, -2, -2), QStringLiteral("close"), tokens.muted);
        return;
    case PE_PanelStatusBar:
        painter->fillRect(option->rect, tokens.side);
        return;
    case PE_PanelItemViewItem: {
        const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(option);
        if (item && item->state.testFlag(State_Selected))
            painter->fillRect(item->rect, tokens.selection);
        else if (item && item->state.testFlag(State_MouseOver))
            painter->fillRect(item->rect, tokens.hover);
        return;
    }
    case PE_PanelItemViewRow:
        if (option->state.testFlag(State_Selected))
            painter->fillRect(option->rect, tokens.selection);
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void KeelsonStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                               const QWidget* widget) const
{
    const auto& tokens = Theme::tokens();
    switch (element) {
    case CE_HeaderSection:
    case CE_HeaderEmptyArea:
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
            headerSection(painter, *header);
            return;
        }
        painter->fillRect(option->rect, tokens.surface);
        painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1), tokens.border);
        return;
    case CE_HeaderLabel:
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
            auto copy = *header;
            copy.palette.setColor(QPalette::ButtonText, tokens.muted);
            copy.rect.adjust(headerEdge(*header), 0,
                             -headerPadding - (isLastHeading(*header) ? StatusDelegate::edge : 0), 0);
            const auto* view = qobject_cast<const QHeaderView*>(widget);
            if (view && header->sortIndicator != QStyleOptionHeader::None &&
                header->textAlignment.testFlag(Qt::AlignRight))
                copy.rect.setRight(cellsEnd(*header, *view) - subElementRect(SE_HeaderArrow, option, widget).width() -
                                   arrowGap);
            QProxyStyle::drawControl(element, &copy, painter, widget);
            return;
        }
        break;
    case CE_TabBarTabShape:
        if (const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(option)) {
            tabShape(painter, *tab);
            return;
        }
        break;
    case CE_PushButtonLabel:
        if (const auto* push = qstyleoption_cast<const QStyleOptionButton*>(option);
            push && push->features.testFlag(QStyleOptionButton::DefaultButton) && push->state.testFlag(State_Enabled)) {
            auto copy = *push;
            copy.palette.setColor(QPalette::ButtonText, tokens.accentText);
            QProxyStyle::drawControl(element, &copy, painter, widget);
            return;
        }
        break;
    case CE_ToolButtonLabel:
        if (const auto* tool = qstyleoption_cast<const QStyleOptionToolButton*>(option);
            tool && hasIconAndWords(*tool)) {
            toolLabel(painter, *tool, *this);
            return;
        }
        break;
    case CE_Splitter:
        painter->fillRect(option->rect, tokens.border);
        return;
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void KeelsonStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                      const QWidget* widget) const
{
    const auto& tokens = Theme::tokens();
    const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (control == CC_ScrollBar && slider) {
        scrollBar(painter, *slider, subControlRect(control, option, SC_ScrollBarSlider, widget), widget);
        return;
    }
    if (const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option); control == CC_SpinBox && spin) {
        box(painter, spin->rect, tokens.surface, spin->state.testFlag(State_HasFocus) ? tokens.accent : tokens.border);
        const auto faint = mixed(tokens.muted, tokens.surface, 0.6);
        arrow(painter, subControlRect(control, option, SC_SpinBoxUp, widget), true,
              spin->stepEnabled.testFlag(QAbstractSpinBox::StepUpEnabled) ? tokens.muted : faint);
        arrow(painter, subControlRect(control, option, SC_SpinBoxDown, widget), false,
              spin->stepEnabled.testFlag(QAbstractSpinBox::StepDownEnabled) ? tokens.muted : faint);
        return;
    }
    if (const auto* combo = qstyleoption_cast<const QStyleOptionComboBox*>(option);
        control == CC_ComboBox && combo && combo->editable) {
        const bool hasFocus = combo->state.testFlag(State_HasFocus);
        box(painter, combo->rect, combo->palette.color(QPalette::Base), hasFocus ? tokens.accent : tokens.border);
        arrow(painter, subControlRect(control, option, SC_ComboBoxArrow, widget), false, tokens.muted);
        return;
    }
    const auto* tool = qstyleoption_cast<const QStyleOptionToolButton*>(option);
    if (control == CC_ToolButton && tool && tool->features.testFlag(QStyleOptionToolButton::HasMenu)) {
        auto copy = *tool;
        copy.features.setFlag(QStyleOptionToolButton::HasMenu, false);
        QProxyStyle::drawComplexControl(control, &copy, painter, widget);
        arrow(painter, QRect(tool->rect.right() - 2 * menuArrow, tool->rect.top(), menuArrow, tool->rect.height()),
              false, tokens.muted);
        return;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect KeelsonStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    const auto rect = QProxyStyle::subElementRect(element, option, widget);
    const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
    return element == SE_LineEditContents && frame && frame->lineWidth > 0 ? rect.adjusted(4, 0, -4, 0) : rect;
}

QRect KeelsonStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                                   const QWidget* widget) const
{
    const auto* slider = control == CC_ScrollBar ? qstyleoption_cast<const QStyleOptionSlider*>(option) : nullptr;
    if (control == CC_SpinBox && part == SC_SpinBoxEditField)
        return QProxyStyle::subControlRect(control, option, part, widget).adjusted(4, 0, 0, 0);
    if (!slider)
        return QProxyStyle::subControlRect(control, option, part, widget);
    const bool isFlat = slider->orientation == Qt::Horizontal;
    const int length = isFlat ? option->rect.width() : option->rect.height();
    const qint64 range = static_cast<qint64>(slider->maximum) - slider->minimum;
    const int handle =
        range > 0
            ? std::clamp(static_cast<int>(length * static_cast<qint64>(slider->pageStep) / (range + slider->pageStep)),
                         std::min(32, length), length)
            : length;
    const int at = sliderPositionFromValue(slider->minimum, slider->maximum, slider->sliderPosition, length - handle,
                                           slider->upsideDown);
    const auto piece = [&](int from, int size) {
        return visualRect(slider->direction, option->rect,
                          isFlat ? QRect(from, 0, size, option->rect.height())
                                 : QRect(0, from, option->rect.width(), size));
    };
    switch (part) {
    case SC_ScrollBarGroove:
        return option->rect;
    case SC_ScrollBarSlider:
        return piece(at, handle);
    case SC_ScrollBarSubPage:
        return piece(0, at);
    case SC_ScrollBarAddPage:
        return piece(at + handle, length - at - handle);
    default:
        return {};
    }
}

int KeelsonStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_ScrollBarExtent:
        return 11;
    case PM_SplitterWidth:
        return 1;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
    case PM_TabBarTabShiftVertical:
    case PM_TabBarBaseOverlap:
        return 0;
    case PM_TabBarTabHSpace:
        return 22;
    case PM_TabBarTabVSpace:
        return 12;
    case PM_HeaderMarkSize:
        return 8;
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_TabBarIconSize:
        return 16;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int KeelsonStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                            QStyleHintReturn* data) const
{
    switch (hint) {
    case SH_DialogButtonBox_ButtonsHaveIcons:
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
        return 0;
    case SH_ItemView_ShowDecorationSelected:
        return 1;
    case SH_ItemView_ActivateItemOnSingleClick:
        return 0;
    case SH_ScrollBar_LeftClickAbsolutePosition:
        return 1;
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QSize KeelsonStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                     const QWidget* widget) const
{
    auto wanted = QProxyStyle::sizeFromContents(type, option, size, widget);
    switch (type) {
    case CT_PushButton:
        return {wanted.width() + 8, std::max(wanted.height(), 30)};
    case CT_LineEdit:
    case CT_SpinBox:
    case CT_ComboBox:
        return {wanted.width(), std::max(wanted.height(), 30)};
    case CT_ToolButton: {
        const auto* tool = qstyleoption_cast<const QStyleOptionToolButton*>(option);
        const bool hasMenu = tool && tool->features.testFlag(QStyleOptionToolButton::HasMenu);
        const int wide =
            tool && hasIconAndWords(*tool) ? toolWidth(*tool) : wanted.width() + 4 + (hasMenu ? 4 * menuArrow : 0);
        return {wide, std::max(wanted.height() + 2, 28)};
    }
    case CT_HeaderSection:
        return {wanted.width() + 2 * headerPadding + headerEdges(option, widget), std::max(wanted.height(), 32)};
    case CT_MenuItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option);
            item && item->menuItemType == QStyleOptionMenuItem::Separator && item->text.isEmpty())
            return {wanted.width(), separatorHeight};
        return {wanted.width() + 8, std::max(wanted.height(), 26)};
    default:
        return wanted;
    }
}

} // namespace keelson::ui
