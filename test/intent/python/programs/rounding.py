order = get_order("A")
net = order.total
gross = round(net * 1.19, 2)
note(gross, title=f"{gross:.2f} EUR", extra=[round(net), round(net, 3), f"{net:.3f}", f"{net / 3:.3f}"])
note([net // 2, net % 3, -net, abs(net), int(net), float(order.count)])
note(f"{net:.6f}", title=f"{order.count} of {order.count + 1}", extra=str(order.paid))
